import type { Request, RequestHandler, Response } from 'express';
import type { Metrics } from '../telemetry/metrics.js';
import { newSpanId, newTraceId, parseTraceparent, type TraceContext } from '../telemetry/trace-context.rules.js';
import type { Tracing } from '../telemetry/tracing.js';
import { inWork } from '../telemetry/work-context.js';
import { PROBES } from './logging.js';

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const NO_ROUTE = 'none';
const FAILED = '5xx';

/** Counts every request by its route, and makes it a span: the child of the one that the caller's `traceparent` names. */
export const requestTelemetry =
  (metrics: Metrics, tracing: Tracing): RequestHandler =>
  (request, response, next) => {
    const { requests, seconds, inProgress } = metrics.http;
    const [startMs, startedAt] = [Date.now(), performance.now()];
    const caller = parseTraceparent(request.headers.traceparent);
    const trace = { traceId: newTraceId(), isSampled: tracing.isOn, ...caller, spanId: newSpanId() };
    inProgress.inc();
    const end = (): void => {
      inProgress.dec();
      const labels = { method: METHODS.has(request.method) ? request.method : 'OTHER', route: routeOf(request) };
      const durationMs = performance.now() - startedAt;
      requests.inc({ ...labels, status: FAILED }, 0);
      requests.inc({ ...labels, status: statusOf(response) });
      seconds.observe(labels, durationMs / 1000);
      if (PROBES.has(labels.route)) return;
      const context: TraceContext = { ...trace, spanId: caller?.spanId };
      tracing.record({
        context,
        spanId: trace.spanId,
        name: `${labels.method} ${labels.route}`,
        kind: 'server',
        startMs,
        endMs: startMs + durationMs,
        attributes: {
          'http.request.method': labels.method,
          'http.route': labels.route,
          'http.response.status_code': response.writableFinished ? response.statusCode : undefined,
        },
        ...(response.statusCode >= 500 && { errorType: String(response.statusCode) }),
      });
    };
    inWork({ trace }, () => {
      response.once('close', end);
      next();
    });
  };

/** The template: an address has ids in it, and anybody can ask for any. */
function routeOf({ route }: Request): string {
  const { path } = (route ?? {}) as { path?: unknown };
  return typeof path === 'string' ? path : NO_ROUTE;
}

const statusOf = ({ writableFinished, statusCode }: Response): string =>
  writableFinished ? `${Math.floor(statusCode / 100)}xx` : 'left';
