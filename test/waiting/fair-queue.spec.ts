import fc from 'fast-check';
import { FairQueue, QueueTimeout } from '../../src/waiting/fair-queue.js';

const flush = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};

describe('the queue for places', () => {
  it('serves who waits in turn by key, however many one of them has waiting', async () => {
    const queue = new FairQueue(1);
    const served: string[] = [];
    const leaves: (() => void)[] = [await queue.enter('first', 1000)];
    const wait = (key: string, name: string): void => {
      void queue.enter(key, 1000).then((leave) => {
        served.push(name);
        leaves.push(leave);
      });
    };
    for (const name of ['a1', 'a2', 'a3']) wait('a', name);
    wait('b', 'b1');
    wait('c', 'c1');
    for (let turn = 0; turn < 6; turn += 1) {
      leaves.shift()?.();
      await flush();
    }
    expect(served).toEqual(['a1', 'b1', 'c1', 'a2', 'a3']);
    expect([queue.activeCount, queue.waitingCount]).toEqual([0, 0]);
  });

  it('serves who gives way when nobody else waits, and then in turn as well', async () => {
    const queue = new FairQueue(1);
    const served: string[] = [];
    const leaves: (() => void)[] = [await queue.enter('first', 1000)];
    const wait = (name: string, givesWay: boolean): void => {
      void queue.enter(name.slice(0, 1), 1000, undefined, givesWay).then((leave) => {
        served.push(name);
        leaves.push(leave);
      });
    };
    for (const name of ['x1', 'x2', 'y1']) wait(name, true);
    for (const name of ['a1', 'a2', 'b1']) wait(name, false);
    expect(queue.waitingCount).toBe(6);
    for (let turn = 0; turn < 7; turn += 1) {
      leaves.shift()?.();
      await flush();
    }
    expect(served).toEqual(['a1', 'b1', 'a2', 'x1', 'y1', 'x2']);
    expect([queue.activeCount, queue.waitingCount]).toEqual([0, 0]);
  });

  it('gives up a wait after its time, and one whose caller went away, and forgets both', async () => {
    const queue = new FairQueue(1);
    const leave = await queue.enter('a', 1000);
    await expect(queue.enter('b', 1)).rejects.toBeInstanceOf(QueueTimeout);
    const caller = new AbortController();
    const waiting = queue.enter('c', 1000, caller.signal);
    caller.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    await expect(queue.enter('c', 1000, caller.signal)).rejects.toThrow('gone');
    expect(queue.waitingCount).toBe(0);
    leave();
    leave();
    expect(queue.activeCount).toBe(0);
  });

  it('lets in who waits when there are more places, and nobody after who leaves when there are fewer', async () => {
    const queue = new FairQueue(1);
    const leaves = [await queue.enter('a', 1000)];
    for (let waiter = 0; waiter < 3; waiter += 1) {
      void queue.enter(`w${waiter}`, 1000).then((leave) => leaves.push(leave));
    }
    queue.resize(3);
    await flush();
    expect([queue.activeCount, queue.waitingCount]).toEqual([3, 1]);
    queue.resize(1);
    leaves.shift()?.();
    await flush();
    expect([queue.activeCount, queue.waitingCount]).toEqual([2, 1]);
    leaves.shift()?.();
    leaves.shift()?.();
    await flush();
    expect([queue.activeCount, queue.waitingCount]).toEqual([1, 0]);
    leaves.shift()?.();
    expect(queue.activeCount).toBe(0);
  });

  it('never lets more in than the limit, and everybody in the end, whatever the order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.array(fc.nat(3), { maxLength: 40 }), async (limit, keys) => {
        const queue = new FairQueue(limit);
        let [active, most, served] = [0, 0, 0];
        await Promise.all(
          keys.map(async (key) => {
            const leave = await queue.enter(String(key), 10_000, undefined, key === 3);
            active += 1;
            most = Math.max(most, active);
            await flush();
            active -= 1;
            served += 1;
            leave();
          }),
        );
        expect(most).toBeLessThanOrEqual(limit);
        expect(served).toBe(keys.length);
        expect([queue.activeCount, queue.waitingCount]).toEqual([0, 0]);
      }),
    );
  });
});
