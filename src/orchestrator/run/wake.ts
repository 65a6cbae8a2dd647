import type { EventFeed } from '../../events/event-feed.js';

/**
 * Waits for news of a workflow, `ms` at most: a notification may be lost. Rejects when the signal aborts, with its reason as the cause,
 * by which the durable room knows whose run goes on elsewhere.
 */
export function untilNews(feed: EventFeed, workflowId: string, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      stopWatching();
      signal.removeEventListener('abort', abort);
    };
    const abort = (): void => {
      end();
      reject(new Error('The wait was ended.', { cause: signal.reason }));
    };
    const wake = (): void => {
      end();
      resolve();
    };
    const timer = setTimeout(wake, ms);
    const stopWatching = feed.watch(workflowId, wake);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
  });
}
