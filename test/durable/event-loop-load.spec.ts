import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { EventLoopLoad } from '../../src/durable/event-loop-load.js';
import { until } from '../support/until.js';

const spin = (ms: number): void => {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
};

describe('the load of the event loop', () => {
  it('is that of its busiest time within the last second, and passes', async () => {
    const load = new EventLoopLoad();
    await until('it is busy, also after a pause', async () => {
      spin(400);
      const isBusy = load.highest() > 0.7;
      await sleep(150);
      return isBusy && load.highest() > 0.7;
    });
    await until('it is idle', () => load.highest() < 0.5);
  });
});
