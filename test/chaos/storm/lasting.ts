import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_EVERY_MS = 100;

/**
 * What is wrong for as long as that: what comes right by itself has the time for it.
 * @returns none as soon as there was none, though there may be some again: who has nothing to do still looks for it now and then
 */
export async function lasting(forMs: number, look: () => Promise<string[]>): Promise<string[]> {
  const deadlineMs = performance.now() + forMs;
  for (;;) {
    const wrong = await look();
    if (wrong.length === 0 || performance.now() > deadlineMs) return wrong;
    await sleep(LOOK_EVERY_MS);
  }
}
