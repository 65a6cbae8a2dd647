/** Why a tool's signal aborted. */
export type StopReason = 'timeout' | 'caller' | 'shutdown';

/** What came of work that was given a time. */
export type TimedOutcome<T> =
  | { readonly value: T; readonly stopped: StopReason | undefined }
  | { readonly error: unknown; readonly stopped: StopReason | undefined }
  /** It was told to stop and did not: nobody waits for it any longer. */
  | { readonly stopped: StopReason; readonly isLeft: true };

interface TimeLimit {
  readonly timeoutMs: number;
  /** What has been told to stop may clean up for this long. */
  readonly graceMs: number;
  readonly caller: AbortSignal;
  readonly shutdown: AbortSignal;
}

const REASONS: Readonly<Record<StopReason, string>> = {
  timeout: 'The time is over.',
  caller: 'The caller went away.',
  shutdown: 'NYX stops.',
};

/** Runs `work` with a signal that aborts at the timeout and with either of the others. Always answers; `work` may reject whenever it likes. */
export function withTimeLimit<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { timeoutMs, graceMs, caller, shutdown }: TimeLimit,
): Promise<TimedOutcome<T>> {
  return new Promise((resolve) => {
    const controller = new AbortController();
    let stopped: StopReason | undefined;
    let grace: NodeJS.Timeout | undefined;
    const stop = (reason: StopReason): void => {
      if (stopped !== undefined) return;
      stopped = reason;
      grace = setTimeout(() => answer({ stopped: reason, isLeft: true }), graceMs);
      controller.abort(new Error(REASONS[reason]));
    };
    const onCaller = (): void => stop('caller');
    const onShutdown = (): void => stop('shutdown');
    const timer = setTimeout(() => stop('timeout'), timeoutMs);
    const answer = (outcome: TimedOutcome<T>): void => {
      clearTimeout(timer);
      clearTimeout(grace);
      caller.removeEventListener('abort', onCaller);
      shutdown.removeEventListener('abort', onShutdown);
      resolve(outcome);
    };
    caller.addEventListener('abort', onCaller, { once: true });
    shutdown.addEventListener('abort', onShutdown, { once: true });
    if (caller.aborted) onCaller();
    else if (shutdown.aborted) onShutdown();
    // Inside a promise, so that what it throws before it returns one is no different.
    void Promise.resolve(controller.signal)
      .then(work)
      .then(
        (value) => answer({ value, stopped }),
        (error: unknown) => answer({ error, stopped }),
      );
  });
}
