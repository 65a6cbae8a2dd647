import { isNativeError } from 'node:util/types';

/** `ENOENT`, a SQLSTATE, and the like, of whatever was thrown. */
export function codeOf(thrown: unknown): string | undefined {
  const code = typeof thrown === 'object' && thrown !== null && 'code' in thrown ? thrown.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** The same for a sentence. */
export const shownCode = (thrown: unknown): string => codeOf(thrown) ?? 'unknown error';

/** Whether a call of the operating system failed: of a file, a socket, a process. */
export const isOfSystem = (thrown: unknown): thrown is NodeJS.ErrnoException =>
  isNativeError(thrown) && 'syscall' in thrown && thrown.syscall !== undefined;

/** For logs: where it was thrown, if that is known. */
export const stackOf = (thrown: unknown): string =>
  thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
