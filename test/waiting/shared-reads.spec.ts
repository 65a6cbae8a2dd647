import fc from 'fast-check';
import { SharedReads } from '../../src/waiting/shared-reads.js';

/** A value that changes, and reads of it that end when they are let. */
class Source {
  value = 0;
  reads = 0;
  private readonly pending: (() => void)[] = [];
  readonly shared = new SharedReads<number>(async () => {
    this.reads += 1;
    const seen = this.value;
    await new Promise<void>((resolve) => this.pending.push(resolve));
    return seen;
  });

  async endOne(): Promise<void> {
    this.pending.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('reads that are shared', () => {
  it('are two for any number that asks while one is under way', async () => {
    const source = new Source();
    const first = source.shared.read('a');
    const others = Array.from({ length: 50 }, () => source.shared.read('a'));
    await source.endOne();
    await source.endOne();
    await Promise.all([first, ...others]);
    expect(source.reads).toBe(2);
    const later = source.shared.read('a');
    await source.endOne();
    await later;
    expect(source.reads).toBe(3);
  });

  it('never answer with what was true before they were asked for', async () => {
    const steps = fc.array(fc.constantFrom('ask', 'change', 'end'), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(steps, async (given) => {
        const source = new Source();
        const asked: { since: number; answer: Promise<number> }[] = [];
        for (const step of given) {
          if (step === 'change') source.value += 1;
          else if (step === 'ask') asked.push({ since: source.value, answer: source.shared.read('a') });
          else await source.endOne();
        }
        for (let left = asked.length + 2; left > 0; left -= 1) await source.endOne();
        for (const { since, answer } of asked) expect(await answer).toBeGreaterThanOrEqual(since);
      }),
    );
  });

  it('fail for those who shared the one that failed, and go on', async () => {
    let fails = true;
    const shared = new SharedReads(() => (fails ? Promise.reject(new Error('away')) : Promise.resolve('here')));
    const [one, two] = [shared.read('a'), shared.read('a')];
    await expect(one).rejects.toThrow('away');
    await expect(two).rejects.toThrow('away');
    fails = false;
    expect(await shared.read('a')).toBe('here');
  });
});
