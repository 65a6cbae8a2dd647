import { isNativeError } from 'node:util/types';
import { codeOf } from '../config/error-code.js';

/** SQLSTATEs that say "the server is not there, or not now" (gone, full, locked, deadlocked), not "the statement is wrong". */
const CONNECTION_CODES = /^(08|53|57P0[1-5]|57014|55P03|40001|40003|40P01|25006|25P03)/;
const SOCKET_CODES = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT'],
  ...['ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'],
]);
const MESSAGES =
  /Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|Query read timeout|not queryable|Cannot use a pool after calling end/;

/** NYX itself gave up to ask the database now; it is as when it could not be reached. */
export class DatabaseUnreachable extends Error {}

/**
 * Whether `error` means that PostgreSQL could not be reached, went away, or was held up, so that the same work may succeed later.
 * Only for what database work threw: other clients' sockets fail with the same codes.
 */
export function isConnectionError(error: unknown): boolean {
  if (error instanceof DatabaseUnreachable) return true;
  if (!isNativeError(error)) return false;
  const code = codeOf(error) ?? '';
  if (CONNECTION_CODES.test(code) || SOCKET_CODES.has(code) || MESSAGES.test(error.message)) return true;
  if ('errors' in error && Array.isArray(error.errors)) return error.errors.some(isConnectionError);
  return isConnectionError(error.cause);
}

/** The server is there, and held up by the statement or by others, or it ended it for others' sake. */
const OF_STATEMENT = /^(57014|55P03|40001|40P01)$/;

/** Whether it is the server that is not there, so that no other statement fares better. For what database work itself threw. */
export const isAway = (error: unknown): boolean => isConnectionError(error) && !OF_STATEMENT.test(codeOf(error) ?? '');

/**
 * Runs `work` again, with growing pauses up to a second, for as long as the database is away and none of the signals has aborted. `work`
 * must be repeatable.
 */
export async function untilConnected<T>(
  work: () => Promise<T>,
  ...signals: readonly (AbortSignal | undefined)[]
): Promise<T> {
  for (let pauseMs = 50; ; pauseMs = Math.min(pauseMs * 2, 1000)) {
    try {
      return await work();
    } catch (error) {
      if (!isConnectionError(error) || signals.some((signal) => signal?.aborted === true)) throw error;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}
