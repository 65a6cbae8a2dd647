import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { OpenAPIObject } from '@nestjs/swagger';
import type { Request, Response } from 'express';

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

type Send = (request: Request, response: Response) => Promise<void> | undefined;

/** Each is made when it is first asked for, not at the start. */
interface Documents {
  readonly openApi: () => OpenAPIObject;
  readonly asyncApi: () => object;
}

/** Swagger UI at /docs, ReDoc at /redoc, the documents at /openapi.json and /asyncapi.json. Everything they ask for comes from here. */
export function serveDocs(app: NestExpressApplication, { openApi, asyncApi }: Documents): void {
  const express = app.getHttpAdapter().getInstance();
  const routes: Readonly<Record<string, Send>> = {
    '/openapi.json': document(openApi),
    '/asyncapi.json': document(asyncApi),
    '/docs': content('text/html', DOCS_PAGE),
    '/docs/start.js': content('text/javascript', DOCS_START),
    '/docs/swagger-ui.css': file(join(swaggerUi, 'swagger-ui.css')),
    '/docs/swagger-ui-bundle.js': file(join(swaggerUi, 'swagger-ui-bundle.js')),
    '/redoc': content('text/html', REDOC_PAGE),
    '/redoc/start.js': content('text/javascript', REDOC_START),
    '/redoc/redoc.js': sendRedoc,
  };
  for (const [path, send] of Object.entries(routes)) express.get(path, send);
}

const content =
  (type: string, text: string): Send =>
  (_request, response) => {
    response.type(type).set('Cache-Control', 'no-cache').send(text);
    return undefined;
  };

function document(make: () => object): Send {
  let text: string | undefined;
  return (request, response) => content('application/json', (text ??= JSON.stringify(make())))(request, response);
}

const file =
  (path: string): Send =>
  (_request, response) => {
    response.set('Cache-Control', 'no-cache').sendFile(path, { cacheControl: false, dotfiles: 'allow' });
    return undefined;
  };

async function readRedoc(): Promise<string> {
  return (await readFile(redocBundle, 'utf8')).replaceAll(FOREIGN_LOGO, NO_LOGO);
}

const sendRedoc = async (request: Request, response: Response): Promise<void> => {
  await content('text/javascript', await readRedoc())(request, response);
};
