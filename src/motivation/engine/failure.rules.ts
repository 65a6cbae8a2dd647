import { codeOf } from '../../config/error-code.js';
import { isConnectionError } from '../../database/connection-errors.js';
import { Problem, problemReason } from '../../http/problem.js';

/** Ours: its message is meant to be shown. */
export class TimeLimit extends Error {
  constructor(what: string, limitMs: number) {
    super(`${what} took longer than ${limitMs / 1_000} s.`);
    this.name = 'TimeLimit';
  }
}

/** Of a motivation that says what cannot be. Ours too. */
export class Malformed extends Error {}

/** What went wrong in one sentence that callers may see: no SQL, no paths, no texts of unknown origin. */
export function failureText(error: unknown): string {
  if (error instanceof Problem) return problemReason(error);
  if (error instanceof TimeLimit || error instanceof Malformed) return error.message;
  const sqlState = sqlStateOf(error);
  if (sqlState === '57014') return 'A statement took too long and was cancelled.';
  if (isConnectionError(error)) return 'The database was not available.';
  if (sqlState !== undefined) return `The database refused a statement (SQLSTATE ${sqlState}); the log says more.`;
  return 'It failed unexpectedly; the log says more.';
}

function sqlStateOf(error: unknown): string | undefined {
  const code = codeOf(error);
  return code !== undefined && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}
