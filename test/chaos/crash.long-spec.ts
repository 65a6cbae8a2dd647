import { cleanUpProcesses } from '../support/process.js';
import { randomFrom } from './chaos-fixture.js';
import { surviveCrash, undisturbedContent, type CrashPoint } from './crash-points.js';

const POINTS = 20;
const AT_ONCE = 3;
const SEED = Number(process.env.NYX_CHAOS_SEED ?? Date.now() % 1_000_000);

/** From before the plan to after the synthesis, in calls and between them, both strategies by turns. */
function randomPoints(): CrashPoint[] {
  const random = randomFrom(SEED);
  return Array.from({ length: POINTS }, (_, index) => ({
    strategy: index % 2 === 0 ? 'sequential_decomposition' : 'parallel_execution',
    afterRequests: 1 + Math.floor(random() * 12),
    delayMs: Math.floor(random() * 60),
  }));
}

describe(`kill -9 at ${POINTS} random points (NYX_CHAOS_SEED=${SEED})`, () => {
  afterAll(cleanUpProcesses);

  it('never changes a result, pays twice or leaves anything open', async () => {
    const points = randomPoints();
    const contents = new Map<string, string>();
    for (const point of points.slice(0, 2)) contents.set(point.strategy, await undisturbedContent(point));
    const remaining = [...points];
    const worker = async (): Promise<void> => {
      for (let point = remaining.pop(); point !== undefined; point = remaining.pop())
        await surviveCrash(point, contents.get(point.strategy) ?? '');
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  }, 900_000);
});
