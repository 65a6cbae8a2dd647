export interface Deadline {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  isOver(): boolean;
  /** The time does not matter any more; `outer` still does. */
  stopTimer(): void;
  dispose(): void;
}

/** A signal that aborts with `outer` or after `timeoutMs`. It holds nothing once disposed of, unlike `AbortSignal.any` on Node 20. */
export function withDeadline(outer: AbortSignal | undefined, timeoutMs: number): Deadline {
  const controller = new AbortController();
  let over = false;
  const timer = setTimeout(() => {
    over = true;
    controller.abort(new Error(`No answer within ${timeoutMs} ms.`));
  }, timeoutMs);
  const follow = (): void => controller.abort(outer?.reason);
  if (outer?.aborted === true) follow();
  else outer?.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    timeoutMs,
    isOver: () => over,
    stopTimer: () => clearTimeout(timer),
    dispose: () => {
      clearTimeout(timer);
      outer?.removeEventListener('abort', follow);
    },
  };
}

/** Waits, or rejects with the signal's reason as soon as it aborts. */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    if (signal?.aborted === true) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });
}
