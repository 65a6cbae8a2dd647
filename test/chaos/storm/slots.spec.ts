import { MISSED_FIRES } from '../../../src/orchestrator/schedules/schedule.values.js';
import { wrongSlots, type Slots } from './slots.js';

const at = (second: number): Date => new Date(Date.UTC(2026, 0, 1) + second * 1_000);
const idOf = (slot: Date): string => slot.toISOString();
const idsOf = (...seconds: number[]): Set<string> => new Set(seconds.map((second) => idOf(at(second))));

/** Ten slots of two seconds; before the one of 10 it looked as if the next one were that of an hour ago, until the one of 14 was next. */
const slots = { everyMs: 2_000, first: at(0), next: at(20), sleeps: [{ slot: at(-3_600), from: at(10), to: at(14) }] };
const wrong = (missedFires: Slots['missedFires'], fired: Set<string>): string[] =>
  wrongSlots({ ...slots, missedFires }, fired, idOf);
const EACH = [0, 2, 4, 6, 8, 10, 12, 14, 16, 18];

it('of `skip` each slot fires once, and none that was missed', () => {
  expect(wrong('skip', idsOf(...EACH))).toEqual([]);
  expect(wrong('skip', idsOf(...EACH, -3_600))).toEqual([expect.stringContaining('0 did not fire, and 1 more fired')]);
  expect(wrong('skip', idsOf(0, 2, 4, 6, 8, 14, 16, 18))).toEqual([expect.stringContaining('2 did not fire')]);
});

it('of `run_once` what was missed fires once, and stands for what came meanwhile', () => {
  expect(wrong('run_once', idsOf(...EACH, -3_600))).toEqual([]);
  expect(wrong('run_once', idsOf(-3_600, 0, 2, 4, 6, 8, 14, 16, 18))).toEqual([]);
  expect(wrong('run_once', idsOf(...EACH))).toEqual([expect.stringContaining('1 did not fire, and 0 more')]);
  expect(wrong('run_once', idsOf(-3_600, -3_598, ...EACH))).toEqual([expect.stringContaining('and 1 more fired')]);
  expect(wrong('run_once', idsOf(-3_600, 0, 2, 4, 6, 8, 10, 12, 16, 18))).toEqual([
    expect.stringContaining('1 did not fire'),
  ]);
});

it.each(MISSED_FIRES)('of `%s` one that never fired is wrong', (missedFires) => {
  const never = { ...slots, missedFires, next: slots.first, sleeps: [] };
  expect(wrongSlots(never, new Set(), idOf)).toHaveLength(1);
});
