import { storableText } from '../database/storable.js';

/** Stable, SCREAMING_SNAKE error codes of the wire and the HTTP status each one has. */
export const PROBLEM_STATUS = {
  VALIDATION_ERROR: 400,
  MALFORMED_JSON: 400,
  UNKNOWN_TOOL: 400,
  UNKNOWN_MODEL: 400,
  MODEL_UNPRICED: 400,
  ENGINE_NOT_INITIALIZED: 400,
  ENGINE_NOT_RUNNING: 400,
  UNAUTHENTICATED: 401,
  BUDGET_EXCEEDED: 402,
  FORBIDDEN: 403,
  TOOL_REFUSED: 403,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  NOT_ACCEPTABLE: 406,
  CONFLICT: 409,
  REQUEST_TIMEOUT: 408,
  TIME_LIMIT: 408,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  IDEMPOTENCY_MISMATCH: 422,
  RATE_LIMITED: 429,
  HEADERS_TOO_LARGE: 431,
  INTERNAL: 500,
  LLM_UPSTREAM: 502,
  LLM_UNAVAILABLE: 503,
  IDENTITY_PROVIDER_UNAVAILABLE: 503,
  SANDBOX_UNAVAILABLE: 503,
  TOOL_UNAVAILABLE: 503,
  DATABASE_UNAVAILABLE: 503,
  OVERLOADED: 503,
} as const;

export type ErrorCode = keyof typeof PROBLEM_STATUS;

export interface FieldError {
  readonly field: string;
  readonly message: string;
}

export interface ProblemOptions {
  readonly errors?: readonly FieldError[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as `Retry-After`. */
  readonly retryAfterSeconds?: number;
  /** More members of the problem document, snake_case. */
  readonly extensions?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** An error that is meant for the caller: `detail` is one sentence without internals. The filter turns it into RFC 9457. */
export class Problem extends Error {
  readonly status: number;

  constructor(
    readonly code: ErrorCode,
    readonly detail: string,
    readonly options: ProblemOptions = {},
  ) {
    super(detail, { cause: options.cause });
    this.name = 'Problem';
    this.status = PROBLEM_STATUS[code];
  }
}

export const notFound = (what: string): Problem => new Problem('NOT_FOUND', `${what} does not exist.`);

export const invalid = (field: string, message: string): Problem =>
  new Problem('VALIDATION_ERROR', `${field}: ${message}`, { errors: [{ field, message }] });

/** In one line, for a row that says what went wrong. */
export const problemReason = ({ detail, options: { errors } }: Problem): string =>
  storableText(errors === undefined ? detail : errors.map(({ field, message }) => `${field}: ${message}`).join('; '));
