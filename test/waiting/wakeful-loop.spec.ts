import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../support/until.js';
import { WakefulLoop } from '../../src/waiting/wakeful-loop.js';

const FOR_EVER_MS = 3_600_000;

/** Work that ends when the test lets it. */
class Work {
  begun = 0;
  atOnce = 0;
  most = 0;
  private ends: ((pauseMs: number) => void)[] = [];

  readonly run = async (): Promise<number> => {
    this.begun += 1;
    this.atOnce += 1;
    this.most = Math.max(this.most, this.atOnce);
    const pauseMs = await new Promise<number>((resolve) => this.ends.push(resolve));
    this.atOnce -= 1;
    return pauseMs;
  };

  end(pauseMs: number): void {
    this.ends.shift()?.(pauseMs);
  }
}

describe('a loop that can be woken', () => {
  const work = (): { loop: WakefulLoop; work: Work } => {
    const its = new Work();
    return { loop: new WakefulLoop(its.run), work: its };
  };

  it('works again after the pause that the work asks for', async () => {
    const { loop, work: its } = work();
    loop.wake();
    its.end(0);
    await until('it to work again', () => its.begun === 2);
    its.end(FOR_EVER_MS);
    await loop.stop();
  });

  it('works at once when it is woken in a pause, and once more when it is woken at work, however often', async () => {
    const { loop, work: its } = work();
    loop.wake();
    for (let times = 0; times < 5; times += 1) loop.wake();
    its.end(FOR_EVER_MS);
    await until('it to work again', () => its.begun === 2);
    its.end(FOR_EVER_MS);
    await sleep(20);
    expect(its.begun).toBe(2);
    loop.wake();
    expect(its.begun).toBe(3);
    expect(its.most).toBe(1);
    its.end(FOR_EVER_MS);
    await loop.stop();
  });

  it('stops for good when the work under way is done', async () => {
    const { loop, work: its } = work();
    loop.wake();
    let hasStopped = false;
    const stopping = loop.stop().then(() => (hasStopped = true));
    await sleep(20);
    expect([hasStopped, loop.isStopping]).toEqual([false, true]);
    its.end(0);
    await stopping;
    loop.wake();
    await sleep(20);
    expect(its.begun).toBe(1);
  });
});
