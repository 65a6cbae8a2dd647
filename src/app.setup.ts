import type { NestApplicationOptions } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import type { AppConfig } from './config/app-config.js';
import { answerClientError } from './http/client-error.js';
import { corsOptions } from './http/cors.js';
import { createDocument } from './http/docs/openapi-document.js';
import { serveDocs } from './http/docs/pages.js';
import { createLogger, NestLogger, requestLogger } from './http/logging.js';
import { toProblem } from './http/problem-mapping.js';
import { requestContext } from './http/request-context.js';
import { BODY_LIMIT_BYTES, checkAddress, checkBody, checkContentType } from './http/request-input.js';
import { RouteTable } from './http/route-table.js';
import { securityHeaders } from './http/security-headers.js';
import { isUpload } from './tools/workspace/upload.rules.js';

type AppOptions = Pick<NestApplicationOptions, 'bodyParser' | 'abortOnError' | 'logger'>;

/** For `NestFactory.create`: bodies are read by `setupApp`, everything is logged through pino, a failing start throws. */
export const appOptions = (config: AppConfig): AppOptions => ({
  bodyParser: false,
  abortOnError: false,
  logger: new NestLogger(createLogger(config.logLevel)),
});

/** What stands before the routes, in this order; shared by main and the tests. To be called before `app.init()` or `app.listen()`. */
export function setupApp(app: NestExpressApplication, config: AppConfig): void {
  app.disable('x-powered-by');
  app.set('etag', false);
  app.set('query parser', 'simple');
  app.use(requestContext);
  app.use(requestLogger(createLogger(config.logLevel)));
  app.use(securityHeaders);
  app.enableCors(corsOptions(config.http.corsOrigins));
  app.use(checkAddress);
  app.use(app.get(RouteTable).answerOptions);
  app.use(unlessUpload(checkContentType));
  app.use(unlessUpload(express.json({ limit: BODY_LIMIT_BYTES, type: ['application/json', 'application/*+json'] })));
  app.use(describeParserErrors);
  app.use(checkBody);
  serveDocs(app, createDocument(app));
  const server = app.getHttpServer();
  server.on('clientError', answerClientError);
  // An expectation that is not known may be ignored (RFC 9110); refusing it would be the one answer that is no problem document.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
}

/** The body of an upload is no JSON, whatever its type says, and is nobody's but its handler's. */
const unlessUpload =
  (handler: RequestHandler): RequestHandler =>
  (request, response, next) => {
    if (isUpload(request)) next();
    else void handler(request, response, next);
  };

/** Nest would forget what the parser said was wrong. */
const describeParserErrors: ErrorRequestHandler = (error: unknown, _request, _response, next) => {
  next(toProblem(error));
};
