import { NowAndThen } from '../../src/waiting/now-and-then.js';

const { jest } = import.meta;

const EVERY_MS = 1_000;

let nowMs = 0;
beforeEach(() => {
  nowMs = 5;
  jest.spyOn(performance, 'now').mockImplementation(() => nowMs);
});
afterEach(() => jest.restoreAllMocks());

/** How often it was done, each time as `outcomes` says next, and done once they are through. */
function workOf(outcomes: (boolean | Error)[] = []): { done: number; run: () => Promise<boolean> } {
  const work = {
    done: 0,
    run: (): Promise<boolean> => {
      work.done += 1;
      const outcome = outcomes.shift() ?? true;
      return outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(outcome);
    },
  };
  return work;
}

describe('what is done now and then', () => {
  it('is done at first at once, and again when its time has passed', async () => {
    const [now, work] = [new NowAndThen(EVERY_MS), workOf()];
    expect(await now.whenDue(work.run)).toBe(true);
    nowMs += EVERY_MS - 1;
    expect(await now.whenDue(work.run)).toBe(true);
    expect(work.done).toBe(1);
    nowMs += 1;
    await now.whenDue(work.run);
    expect(work.done).toBe(2);
  });

  it('is due at once as long as it says that it is not done', async () => {
    const [now, work] = [new NowAndThen(EVERY_MS), workOf([false, false, true])];
    expect([await now.whenDue(work.run), await now.whenDue(work.run), await now.whenDue(work.run)]).toEqual([
      false,
      false,
      true,
    ]);
    await now.whenDue(work.run);
    expect(work.done).toBe(3);
  });

  it('waits for its time when it has failed, which whoever asked hears', async () => {
    const [now, work] = [new NowAndThen(EVERY_MS), workOf([new Error('no rights')])];
    await expect(now.whenDue(work.run)).rejects.toThrow('no rights');
    expect(await now.whenDue(work.run)).toBe(true);
    expect(work.done).toBe(1);
    nowMs += EVERY_MS;
    await now.whenDue(work.run);
    expect(work.done).toBe(2);
  });

  it('is not begun while it is under way', async () => {
    const now = new NowAndThen(EVERY_MS);
    let end: (isDone: boolean) => void = () => undefined;
    const underWay = now.whenDue(() => new Promise((resolve) => (end = resolve)));
    const work = workOf();
    await now.whenDue(work.run);
    expect(work.done).toBe(0);
    end(false);
    await underWay;
    await now.whenDue(work.run);
    expect(work.done).toBe(1);
  });
});
