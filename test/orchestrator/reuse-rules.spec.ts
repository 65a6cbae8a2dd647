import fc from 'fast-check';
import { alikeSubtasks, CACHING_STRATEGIES, expectedReuse } from '../../src/orchestrator/planning/reuse.rules.js';

const free = { dependencies: [] };
const bound = { dependencies: ['x'] };

describe('how often a beginning is expected', () => {
  it('disabled: never, whatever comes', () => {
    expect(expectedReuse('disabled', { calls: 50, atOnce: 1 })).toBeUndefined();
  });

  it('conservative: only by the subtasks that are known to come, however many are sent at once', () => {
    const often = (uses: number): object => ({
      system: { uses, gapSeconds: 300 },
      sharedContext: { uses, gapSeconds: 300 },
    });
    expect(expectedReuse('conservative')).toBeUndefined();
    expect(expectedReuse('conservative', { calls: 1, atOnce: 1 })).toBeUndefined();
    expect(expectedReuse('conservative', { calls: 4, atOnce: 1 })).toEqual(often(4));
    expect(expectedReuse('conservative', { calls: 5, atOnce: 5 })).toEqual(often(5));
  });

  it('aggressive: system prompts by later workflows too, sequences for an hour', () => {
    expect(expectedReuse('aggressive')).toEqual({ system: { uses: 3, gapSeconds: 300 } });
    expect(expectedReuse('aggressive', { calls: 2, atOnce: 1 })).toEqual({
      system: { uses: 3, gapSeconds: 3600 },
      sharedContext: { uses: 2, gapSeconds: 3600 },
    });
    expect(expectedReuse('aggressive', { calls: 6, atOnce: 6 })?.sharedContext).toEqual({ uses: 6, gapSeconds: 300 });
    expect(expectedReuse('aggressive', { calls: 20, atOnce: 2 })?.sharedContext).toEqual({
      uses: 20,
      gapSeconds: 3600,
    });
  });

  it('never expects more of a shared context than there are calls, nor less from aggressive than from conservative', () => {
    const calls = fc.record({ calls: fc.integer({ min: 1, max: 500 }), atOnce: fc.integer({ min: 1, max: 500 }) });
    fc.assert(
      fc.property(calls, fc.constantFrom(...CACHING_STRATEGIES), (alike, caching) => {
        const uses = expectedReuse(caching, alike)?.sharedContext?.uses ?? 0;
        expect(uses).toBeLessThanOrEqual(alike.calls);
        expect(uses).not.toBe(1);
        const bold = expectedReuse('aggressive', alike)?.sharedContext?.uses ?? 0;
        expect(bold).toBeGreaterThanOrEqual(expectedReuse('conservative', alike)?.sharedContext?.uses ?? 0);
      }),
    );
  });
});

it('subtasks start at once when nothing holds them back, up to the limit', () => {
  expect(alikeSubtasks([free, free, bound], 20)).toEqual({ calls: 3, atOnce: 2 });
  expect(alikeSubtasks([free, free, free], 2)).toEqual({ calls: 3, atOnce: 2 });
  expect(alikeSubtasks([free, bound, bound], 1)).toEqual({ calls: 3, atOnce: 1 });
});
