import pg from 'pg';
import { QueryFailedError } from 'typeorm';
import { StartError } from '../config/start-error.js';
import { isConnectionError } from './connection-errors.js';

/** What to do, by SQLSTATE. */
const ADVICE: Readonly<Record<string, string>> = {
  '25006': 'let DATABASE_URL name one that can be written',
  '42501': 'let DATABASE_URL name a role that may',
  '42P01': 'start NYX on it first, or let DATABASE_URL name another one',
  '53100': 'make room on its disk, and try again',
};

/**
 * What PostgreSQL refused, or that it went away, as one sentence; anything else stays what it is.
 * @param failed what was not done, as the beginning of that sentence
 */
export function databaseFailure(thrown: unknown, failed: string): unknown {
  // What a migration met has to be told as what the program met.
  const met: unknown = thrown instanceof StartError && thrown.cause instanceof QueryFailedError ? thrown.cause : thrown;
  if (met instanceof StartError) return met;
  const error: unknown = met instanceof QueryFailedError ? met.driverError : met;
  if (error instanceof pg.DatabaseError) {
    const advice = ADVICE[error.code ?? ''] ?? (isConnectionError(error) ? 'try again when it can' : undefined);
    const said = `${failed}, for the database answered: ${error.message.replaceAll(/\s+/g, ' ')}`;
    return new StartError(`${said}${advice === undefined ? '' : `: ${advice}`}.`, { cause: thrown });
  }
  if (!isConnectionError(error)) return thrown;
  const reason = error instanceof Error ? error.message : String(error);
  return new StartError(`${failed}, for the database went away (${reason}): try again when it answers.`, {
    cause: thrown,
  });
}
