import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { NextFunction, Request, Response } from 'express';

interface RequestContext {
  readonly requestId: string;
  /** Work that a request started goes on long after it: that keeps no request in memory. */
  readonly request: WeakRef<Request>;
}

const ACCEPTABLE = /^[A-Za-z0-9._-]{1,128}$/;
const storage = new AsyncLocalStorage<RequestContext>();

/** The id of the HTTP request this code runs for; undefined outside of requests. */
export const currentRequestId = (): string | undefined => storage.getStore()?.requestId;

/** The HTTP request this code runs for; undefined outside of requests. */
export const currentRequest = (): Request | undefined => storage.getStore()?.request.deref();

/** The caller's `X-Request-Id` when it is well formed, else a new one. */
export function requestIdFrom(header: unknown): string {
  return typeof header === 'string' && ACCEPTABLE.test(header) ? header : randomUUID();
}

/** Gives the request its id: echoed in the answer, part of every log line and problem of this request. */
export function requestContext(request: Request, response: Response, next: NextFunction): void {
  const requestId = requestIdFrom(request.headers['x-request-id']);
  response.setHeader('X-Request-Id', requestId);
  storage.run({ requestId, request: new WeakRef(request) }, next);
}
