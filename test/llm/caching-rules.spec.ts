import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { cacheBreakpoints, ttlThatPays } from '../../src/llm/caching.rules.js';
import { LIST_PRICES, type PriceTier } from '../../src/llm/pricing.rules.js';

const [haiku] = LIST_PRICES['claude-haiku-5-5'] ?? [];
if (haiku === undefined) throw new Error('No price.');
const LONG = 'x'.repeat(8000);

describe('what is cached', () => {
  it('is nothing that is asked once', () => {
    expect(ttlThatPays(haiku, undefined)).toBeUndefined();
    expect(ttlThatPays(haiku, { uses: 1, gapSeconds: 10 })).toBeUndefined();
  });

  it('outlasts the gap between two uses, or is not kept', () => {
    expect(ttlThatPays(haiku, { uses: 2, gapSeconds: 300 })).toBe('5m');
    expect(ttlThatPays(haiku, { uses: 9, gapSeconds: 301 })).toBe('1h');
    expect(ttlThatPays(haiku, { uses: 9, gapSeconds: 3601 })).toBeUndefined();
  });

  it('is kept for an hour only from the third use on: writing it costs twice the input', () => {
    expect(ttlThatPays(haiku, { uses: 2, gapSeconds: 1000 })).toBeUndefined();
    expect(ttlThatPays(haiku, { uses: 3, gapSeconds: 1000 })).toBe('1h');
  });

  it('never costs more than sending every time, at any price', () => {
    const usd = fc.integer({ min: 1, max: 100_000 }).map((value) => new Decimal(value).div(1000));
    fc.assert(
      fc.property(
        usd,
        usd,
        usd,
        usd,
        fc.integer({ min: 1, max: 50 }),
        fc.nat(4000),
        (input, five, hour, read, uses, gapSeconds) => {
          const tier: PriceTier = { ...haiku, input, cacheWrite5m: five, cacheWrite1h: hour, cacheRead: read };
          const ttl = ttlThatPays(tier, { uses, gapSeconds });
          const write = ttl === '5m' ? five : hour;
          expect(ttl === undefined || write.plus(read.times(uses - 1)).lt(input.times(uses))).toBe(true);
        },
      ),
    );
  });

  it('has a breakpoint after the system prompt and one after the shared context, each from the minimum on', () => {
    const often = { uses: 5, gapSeconds: 60 };
    const both = { system: often, sharedContext: often };
    const layout = { system: LONG, sharedContext: LONG, prompt: 'go' };
    expect(cacheBreakpoints(layout, both, haiku, 1024)).toEqual({ system: '5m', sharedContext: '5m' });
    expect(cacheBreakpoints({ ...layout, system: 'short' }, both, haiku, 1024)).toEqual({ sharedContext: '5m' });
    expect(cacheBreakpoints(layout, both, haiku, 10_000)).toEqual({});
    expect(cacheBreakpoints(layout, {}, haiku, 1024)).toEqual({});
  });

  it('counts the tools to the system prompt, which stands behind them', () => {
    const tools = [{ name: 'read', description: LONG, inputSchema: { type: 'object' } }];
    const reuse = { system: { uses: 3, gapSeconds: 60 } };
    expect(cacheBreakpoints({ tools, system: 'short', prompt: 'go' }, reuse, haiku, 1024)).toEqual({ system: '5m' });
  });

  it('never asks for a longer time to live behind a shorter one, which the API refuses', () => {
    const reuse = { system: { uses: 5, gapSeconds: 60 }, sharedContext: { uses: 5, gapSeconds: 1000 } };
    expect(cacheBreakpoints({ system: LONG, sharedContext: LONG, prompt: 'go' }, reuse, haiku, 1024)).toEqual({
      sharedContext: '1h',
    });
  });
});
