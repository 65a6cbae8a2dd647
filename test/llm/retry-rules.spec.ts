import fc from 'fast-check';
import { isRetryable, pauseBeforeRetryMs, requestedPauseMs } from '../../src/llm/retry.rules.js';

const NOW = Date.parse('2026-11-23T08:00:00Z');
const failed = (status?: number, headers: Record<string, string> = {}, errorCode?: string) => ({
  status,
  errorCode,
  headers: new Map(Object.entries(headers)),
});

it.each([
  [undefined, true],
  [400, false],
  [401, false],
  [404, false],
  [408, true],
  [409, true],
  [413, false],
  [429, true],
  [500, true],
  [529, true],
  [200, false],
])('status %s is tried again: %s', (status, expected) => {
  expect(isRetryable(failed(status))).toBe(expected);
});

it('x-should-retry goes before the status', () => {
  expect(isRetryable(failed(400, { 'x-should-retry': 'true' }))).toBe(true);
  expect(isRetryable(failed(500, { 'x-should-retry': 'false' }))).toBe(false);
});

it.each(['enforced_spend_limit_reached', 'contract_spend_limit_reached'])('a 429 of %s is final', (code) => {
  expect(isRetryable(failed(429, {}, code))).toBe(false);
  expect(isRetryable(failed(429, { 'x-should-retry': 'true' }, code))).toBe(false);
});

it.each([
  [{ 'retry-after-ms': '120', 'retry-after': '7' }, 120],
  [{ 'retry-after': '7' }, 7000],
  [{ 'retry-after': '0.5' }, 500],
  [{ 'retry-after': 'Mon, 23 Nov 2026 08:00:09 GMT' }, 9000],
  [{ 'retry-after-ms': 'soon', 'retry-after': '2' }, 2000],
  [{ 'retry-after': 'Mon, 23 Nov 2026 07:00:00 GMT' }, undefined],
  [{ 'retry-after': '-3' }, undefined],
  [{}, undefined],
])('%j asks to wait %s ms', (headers, expected) => {
  expect(requestedPauseMs(failed(429, headers as Record<string, string>), NOW)).toBe(expected);
});

it('waits as asked, or 0.5 s × 2ⁿ less up to a quarter', () => {
  expect(pauseBeforeRetryMs(failed(429, { 'retry-after': '3' }), 1, 3, 1, NOW)).toBe(3000);
  expect(pauseBeforeRetryMs(failed(500), 1, 3, 0, NOW)).toBe(500);
  expect(pauseBeforeRetryMs(failed(500), 2, 3, 1, NOW)).toBe(750);
});

it('never waits longer than 120 s for anyone, nor makes more than three attempts', () => {
  expect(pauseBeforeRetryMs(failed(429, { 'retry-after': '3600' }), 1, 3, 0, NOW)).toBeUndefined();
  fc.assert(
    fc.property(
      fc.option(fc.integer({ min: 100, max: 599 }), { nil: undefined }),
      fc.integer({ min: 1, max: 9 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (status, attempts, chance) => {
        const pause = pauseBeforeRetryMs(failed(status), attempts, 3, chance, NOW);
        if (attempts >= 3) return pause === undefined;
        return pause === undefined ? !isRetryable(failed(status)) : pause > 0 && pause <= 8000;
      },
    ),
  );
});
