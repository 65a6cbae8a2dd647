import { ClockSteps } from '../../src/orchestrator/schedules/clock-steps.js';

it('a clock that was set back is told from one that goes on, or is set forward', () => {
  const steps = new ClockSteps();
  // Read ten milliseconds after it was asked for, answered ten later.
  const read = (databaseMs: number, ownMs: number): boolean => steps.wasSetBack(databaseMs, ownMs - 10, ownMs + 10);
  expect(read(50_000, 1_000)).toBe(true);
  expect(read(65_000, 16_000)).toBe(false);
  expect(read(79_500, 31_000)).toBe(false);
  expect(read(3_694_500, 46_000)).toBe(false);
  expect(read(109_500, 61_000)).toBe(true);
  expect(read(124_500, 76_000)).toBe(false);
});

it('no step back is missed for slow answers', () => {
  const steps = new ClockSteps();
  steps.wasSetBack(50_000, 1_000, 6_000);
  // By two seconds, and read at once.
  expect(steps.wasSetBack(63_000, 16_000, 16_000)).toBe(true);
});
