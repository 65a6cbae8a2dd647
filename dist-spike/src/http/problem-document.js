import { STATUS_CODES } from 'node:http';
export const PROBLEM_TYPE = 'application/problem+json';
/** `path` is the path of the request without its query. */
export function problemDocument(problem, path, requestId, at) {
    return {
        ...problem.options.extensions,
        type: `urn:nyx:problem:${problem.code.toLowerCase().replaceAll('_', '-')}`,
        title: STATUS_CODES[problem.status] ?? 'Error',
        status: problem.status,
        detail: problem.detail,
        instance: `urn:nyx:request:${requestId}`,
        error_code: problem.code,
        request_id: requestId,
        timestamp: at.toISOString(),
        error: true,
        path,
        ...(problem.options.errors && { errors: problem.options.errors }),
    };
}
/** Headers that belong to a problem, besides its content type. */
export function problemHeaders(problem) {
    const { retryAfterSeconds } = problem.options;
    return {
        ...problem.options.headers,
        ...(problem.status === 401 && { 'WWW-Authenticate': 'Bearer' }),
        ...(retryAfterSeconds !== undefined && { 'Retry-After': String(Math.ceil(retryAfterSeconds)) }),
    };
}
//# sourceMappingURL=problem-document.js.map