import { STATUS_CODES } from 'node:http';
import type { FieldError, Problem } from './problem.js';

/** RFC 9457, and the two members old clients read (`error`, `path`). */
export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly error_code: string;
  readonly request_id: string;
  readonly timestamp: string;
  readonly error: true;
  readonly path: string;
  readonly errors?: readonly FieldError[];
}

/** Told of a request; a body can have a thousand of them for each of its objects. */
export const MAX_ERRORS = 100;

export const PROBLEM_TYPE = 'application/problem+json';

/** `path` is the path of the request without its query. */
export function problemDocument(problem: Problem, path: string, requestId: string, at: Date): ProblemDocument {
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
    ...(problem.options.errors && { errors: problem.options.errors.slice(0, MAX_ERRORS) }),
  };
}

/** Headers that belong to a problem, besides its content type. */
export function problemHeaders(problem: Problem): Record<string, string> {
  const { retryAfterSeconds } = problem.options;
  return {
    ...problem.options.headers,
    ...(problem.status === 401 && { 'WWW-Authenticate': 'Bearer' }),
    ...(retryAfterSeconds !== undefined && { 'Retry-After': String(Math.ceil(retryAfterSeconds)) }),
  };
}
