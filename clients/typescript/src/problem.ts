import { decoded } from './decoded.js';
import type { components } from './schema.js';

type Problem = components['schemas']['Problem'];

export type ErrorCode = Problem['error_code'];
export type FieldError = NonNullable<Problem['errors']>[number];

/** As it comes by Socket.IO: in `auth_expired`, in an acknowledgement, or as `data` of `connect_error`. */
export interface SocketProblem {
  readonly error_code: ErrorCode;
  readonly message: string;
  readonly errors?: readonly FieldError[];
  readonly retry_after_seconds?: number;
}

const PASSING: readonly (ErrorCode | undefined)[] = [
  'RATE_LIMITED',
  'OVERLOADED',
  'DATABASE_UNAVAILABLE',
  'LLM_UNAVAILABLE',
  'INTERNAL',
];

/** NYX said no. */
export class NyxProblem extends Error {
  override readonly name = 'NyxProblem';
  /** Of the answer; undefined where it came over a socket. */
  readonly status: number | undefined;
  /** Undefined where something between here and NYX answered, and with a report. */
  readonly error_code: ErrorCode | undefined;
  /** One sentence for people. */
  readonly detail: string;
  /** What is wrong with which field. */
  readonly errors: readonly FieldError[];
  readonly retryAfterSeconds: number | undefined;
  /** What was answered where that is no problem document, such as the report of a NYX that is not well. */
  readonly body: unknown;

  private constructor(
    { status, error_code, detail, errors }: Partial<Omit<Problem, 'errors'>> & { errors?: readonly FieldError[] },
    retryAfterSeconds: number | undefined,
    body?: unknown,
  ) {
    const sentence = detail ?? `The answer was ${String(status)}.`;
    super(sentence);
    this.status = status;
    this.error_code = error_code;
    this.detail = sentence;
    this.errors = errors ?? [];
    this.retryAfterSeconds = retryAfterSeconds;
    this.body = body;
  }

  static async ofAnswer(answer: Response): Promise<NyxProblem> {
    const isProblem = answer.headers.get('content-type')?.startsWith('application/problem+json') ?? false;
    const seconds = Number.parseInt(answer.headers.get('retry-after') ?? '', 10);
    const retryAfterSeconds = Number.isNaN(seconds) ? undefined : seconds;
    // What is not what it says that it is, is as good as none.
    const body = await decoded(answer).catch(() => undefined);
    return isProblem
      ? new NyxProblem({ ...(body as Problem | undefined), status: answer.status }, retryAfterSeconds)
      : new NyxProblem({ status: answer.status }, retryAfterSeconds, body);
  }

  static ofSocket({ error_code, message, errors, retry_after_seconds }: SocketProblem): NyxProblem {
    return new NyxProblem({ error_code, detail: message, errors }, retry_after_seconds);
  }

  /** Whether the same may be answered otherwise in a while. */
  get isPassing(): boolean {
    const saysWhen = this.retryAfterSeconds !== undefined;
    return (
      saysWhen || PASSING.includes(this.error_code) || (this.error_code === undefined && (this.status ?? 0) >= 500)
    );
  }
}
