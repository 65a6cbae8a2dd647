import { Logger } from '@nestjs/common';
import { toProblem } from '../../http/problem-mapping.js';
import type { ErrorCode, FieldError, Problem } from '../../http/problem.js';

/** How an error reaches a client of a socket: as `data` of `connect_error`, in an acknowledgement, or in `auth_expired`. */
export interface SocketProblem {
  readonly error_code: ErrorCode;
  readonly message: string;
  readonly errors?: readonly FieldError[];
  readonly retry_after_seconds?: number;
}

const logger = new Logger('Sockets');

/** What the client may know of it; what nobody foresaw goes to the log. */
export function socketProblem(error: unknown): SocketProblem {
  const problem = toProblem(error);
  if (problem.code === 'INTERNAL') logger.error(problem.options.cause ?? problem);
  return presentProblem(problem);
}

export const presentProblem = ({ code, detail, options: { errors, retryAfterSeconds } }: Problem): SocketProblem => ({
  error_code: code,
  message: detail,
  ...(errors && { errors }),
  ...(retryAfterSeconds !== undefined && { retry_after_seconds: retryAfterSeconds }),
});
