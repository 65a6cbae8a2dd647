import type { NestApplicationOptions } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import { createAsyncApi } from './asyncapi/asyncapi-document.js';
import { AddressCounter } from './auth/rate-limits/address-counter.js';
import type { AppConfig } from './config/app-config.js';
import { SOCKET_PATH, SocketAdapter } from './events/sockets/socket.adapter.js';
import { unlessNoApi } from './http/api-duty.js';
import { answerClientError } from './http/client-error.js';
import { corsOptions } from './http/cors.js';
import { createDocument } from './http/docs/openapi-document.js';
import { serveDocs } from './http/docs/pages.js';
import { createLogger, NestLogger, requestLogger } from './http/logging.js';
import { toProblem } from './http/problem-mapping.js';
import { requestContext } from './http/request-context.js';
import { BODY_LIMIT_BYTES, checkAddress, checkBody, checkContentType } from './http/request-input.js';
import { requestTelemetry } from './http/request-telemetry.js';
import { RouteTable } from './http/route-table.js';
import { securityHeaders } from './http/security-headers.js';
import { ignoreUpgrades } from './http/ignored-upgrades.js';
import { watchConnections } from './http/unused-connections.js';
import { Metrics } from './telemetry/metrics.js';
import { Tracing } from './telemetry/tracing.js';
import { isUpload } from './tools/workspace/upload.rules.js';

/** Whoever sends slowly holds a connection, and no more: whole headers, and whole requests with the largest upload, in this time. */
const HEADERS_TIMEOUT_MS = 20_000;
const REQUEST_TIMEOUT_MS = 120_000;
/**
 * An unused connection stays open for longer than proxies keep theirs (60 s is usual): what they send on one that was being closed
 * would be answered by nobody, and a POST is not sent twice.
 */
const KEEP_ALIVE_MS = 75_000;

/** Not inflated: a kilobyte of gzip is a megabyte to read, before it is known who sends it. */
const BODIES = { limit: BODY_LIMIT_BYTES, inflate: false, type: ['application/json', 'application/*+json'] };

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
  app.set('trust proxy', [...config.http.trustedProxies]);
  app.set('query parser', 'simple');
  app.use(requestContext);
  app.use(requestTelemetry(app.get(Metrics), app.get(Tracing)));
  app.use(requestLogger(createLogger(config.logLevel)));
  app.use(securityHeaders);
  app.enableCors(corsOptions(config.http.corsOrigins));
  app.use(unlessNoApi(config));
  app.use(checkAddress);
  app.use(app.get(RouteTable).answerOptions);
  app.use(unlessUpload(checkContentType));
  app.use(unlessUpload(express.json(BODIES)));
  app.use(describeParserErrors);
  app.use(checkBody);
  serveDocs(
    app,
    { openApi: () => createDocument(app), asyncApi: () => createAsyncApi(app) },
    app.get(AddressCounter).handler,
  );
  app.useWebSocketAdapter(new SocketAdapter(app, config));
  const server = app.getHttpServer();
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  // Their bytes are bounded. Cut at a number, what is read again by hand could be another request.
  server.maxHeadersCount = 0;
  watchConnections(server);
  ignoreUpgrades(server, config.duties.includes('api') ? SOCKET_PATH : undefined);
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
