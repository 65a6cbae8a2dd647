import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { RequestHandler } from 'express';

const resolve = createRequire(import.meta.url).resolve;
const swaggerUi = dirname(resolve('swagger-ui-dist/package.json'));
const redocBundle = join(dirname(resolve('redoc/package.json')), 'bundles', 'redoc.standalone.js');

/** ReDoc shows its maker's logo from a foreign host; a transparent image takes its place. */
const FOREIGN_LOGO = 'https://cdn.redoc.ly/redoc/logo-mini.svg';
const NO_LOGO = 'data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7';

const page = (head: string, scripts: readonly string[]): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>NYX Autonomous Agent API</title>
    ${head}
  </head>
  <body>
    <div id="app"></div>
    ${scripts.map((script) => `<script src="${script}"></script>`).join('\n    ')}
  </body>
</html>
`;

const DOCS_PAGE = page('<link rel="stylesheet" href="/docs/swagger-ui.css" />', [
  '/docs/swagger-ui-bundle.js',
  '/docs/start.js',
]);
const DOCS_START = `SwaggerUIBundle({
  url: '/openapi.json', dom_id: '#app', deepLinking: true, persistAuthorization: false, validatorUrl: null,
});
`;
const REDOC_PAGE = page('<style>body { margin: 0; }</style>', ['/redoc/redoc.js', '/redoc/start.js']);
const REDOC_START = `Redoc.init('/openapi.json', {}, document.getElementById('app'));
`;

/** Each is made when it is first asked for, not at the start. */
interface Documents {
  readonly openApi: () => OpenAPIObject;
  readonly asyncApi: () => object;
}

/**
 * Swagger UI at /docs, ReDoc at /redoc, the documents at /openapi.json and /asyncapi.json. Everything they ask for comes from here.
 * No guard stands before these routes: `count` does.
 */
export function serveDocs(app: NestExpressApplication, { openApi, asyncApi }: Documents, count: RequestHandler): void {
  const express = app.getHttpAdapter().getInstance();
  const routes: Readonly<Record<string, RequestHandler>> = {
    '/openapi.json': content('application/json', () => JSON.stringify(openApi())),
    '/asyncapi.json': content('application/json', () => JSON.stringify(asyncApi())),
    '/docs': content('text/html', () => DOCS_PAGE),
    '/docs/start.js': content('text/javascript', () => DOCS_START),
    '/docs/swagger-ui.css': content('text/css', () => readFileSync(join(swaggerUi, 'swagger-ui.css'), 'utf8')),
    '/docs/swagger-ui-bundle.js': content('text/javascript', () =>
      readFileSync(join(swaggerUi, 'swagger-ui-bundle.js'), 'utf8'),
    ),
    '/redoc': content('text/html', () => REDOC_PAGE),
    '/redoc/start.js': content('text/javascript', () => REDOC_START),
    '/redoc/redoc.js': content('text/javascript', () =>
      readFileSync(redocBundle, 'utf8').replaceAll(FOREIGN_LOGO, NO_LOGO),
    ),
  };
  for (const [path, send] of Object.entries(routes)) express.get(path, count, send);
}

/** Made and read once. Whoever has it asks whether it is the same still: after an upgrade it is another. */
function content(type: string, make: () => string): RequestHandler {
  let made: { readonly bytes: Buffer; readonly tag: string } | undefined;
  return (_request, response) => {
    made ??= tagged(Buffer.from(make()));
    response.type(type).set({ 'Cache-Control': 'no-cache', ETag: made.tag }).send(made.bytes);
  };
}

const tagged = (bytes: Buffer): { bytes: Buffer; tag: string } => ({
  bytes,
  tag: `"${createHash('sha256').update(bytes).digest('base64url')}"`,
});
