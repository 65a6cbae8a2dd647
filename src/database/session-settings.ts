/** Sent when a connection begins; a pooler in between has to pass them on. 0 is no limit. */
export const SESSION_SETTINGS = {
  /** A request's statement that takes longer than this is a mistake; migrations have no limit. */
  statement_timeout: 15_000,
  /** Shorter than a statement may take, or the locks of a frozen replica would fail everybody else's statements. */
  idle_in_transaction_session_timeout: 5_000,
} as const;
/**
 * A server that does not even end its statements (a frozen machine, a dead network) is given up after this much more than the time of two:
 * what is sent together is executed one after the other, and more than one of it seldom waits for long.
 */
export const ANSWER_GRACE_MS = 5_000;
export const ANSWER_TIMEOUT_MS = 2 * SESSION_SETTINGS.statement_timeout + ANSWER_GRACE_MS;
