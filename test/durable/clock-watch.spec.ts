import { ClockWatch, leapMs } from '../../src/durable/clock-watch.js';

const HOUR_MS = 3_600_000;
/** Of an answer that took 300 ms; the clock was read at some moment of these. */
const reading = (clockMs: number, askedMs: number) => ({ clockMs, askedMs, answeredMs: askedMs + 300 });

describe('a leap of the clock', () => {
  it.each([
    ['none', 102_000, 0],
    ['the length of the answers is none', 102_300, 0],
    ['an hour', 102_300 + HOUR_MS, HOUR_MS],
    ['back is none', 102_300 - HOUR_MS, -HOUR_MS],
  ])('%s', (_what, clockMs, most) => {
    expect(leapMs(reading(100_000, 0), reading(clockMs, 2_000))).toBeLessThanOrEqual(most);
    expect(leapMs(reading(100_000, 0), reading(clockMs, 2_000))).toBeGreaterThanOrEqual(most - 600);
  });

  it('is seen once, of whatever else came before', () => {
    const clock = new ClockWatch();
    const readings = [
      reading(100_000, 0),
      reading(102_000, 2_000),
      reading(102_000 - HOUR_MS, 4_000),
      reading(104_000 - HOUR_MS, 6_000),
    ];
    for (const before of readings) clock.see(before);
    expect(clock.sinceLeapMs).toBe(Infinity);
    clock.see(reading(106_000, 8_000));
    expect(clock.sinceLeapMs).toBeLessThan(Infinity);
    clock['leaptMs'] = -Infinity;
    clock.see(reading(108_000, 10_000));
    expect(clock.sinceLeapMs).toBe(Infinity);
  });
});
