import { cleanUpProcesses } from '../support/process.js';
import { surviveCrash, undisturbedContent, type CrashPoint } from './crash-points.js';

/** One kill of each kind; the twenty random ones are in crash.long-spec.ts. */
describe('kill -9 in the middle of a workflow', () => {
  afterAll(cleanUpProcesses);

  it.each<CrashPoint>([
    { strategy: 'sequential_decomposition', afterRequests: 5, delayMs: 10 },
    { strategy: 'parallel_execution', afterRequests: 4, delayMs: 15 },
  ])(
    'is survived without paying twice: $strategy after $afterRequests calls',
    async (point) => {
      await surviveCrash(point, await undisturbedContent(point));
    },
    120_000,
  );
});
