import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
const ACCEPTABLE = /^[A-Za-z0-9._-]{1,128}$/;
const storage = new AsyncLocalStorage();
/** The id of the HTTP request this code runs for; undefined outside of requests. */
export const currentRequestId = () => storage.getStore()?.requestId;
/** The caller's `X-Request-Id` when it is well formed, else a new one. */
export function requestIdFrom(header) {
    return typeof header === 'string' && ACCEPTABLE.test(header) ? header : randomUUID();
}
/** Gives the request its id: echoed in the answer, part of every log line and problem of this request. */
export function requestContext(request, response, next) {
    const requestId = requestIdFrom(request.headers['x-request-id']);
    response.setHeader('X-Request-Id', requestId);
    storage.run({ requestId }, next);
}
//# sourceMappingURL=request-context.js.map