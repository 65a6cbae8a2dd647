import { growthOf, isFlat, type Growth } from './memory.js';

/** Of a process that is weighed each second. */
const weighed = (seconds: number, mibAt: (second: number) => number): Growth[] => {
  const weights = Array.from({ length: seconds }, (_, second) => ({ atMs: second * 1_000, mib: mibAt(second) }));
  return growthOf([{ name: 'replica 0', memory: new Map([[7, weights]]) }]);
};
const flatness = (growth: readonly Growth[]): boolean[] => growth.map(isFlat);

it('what warms up, or is seen to be large for a moment, is flat', () => {
  expect(flatness(weighed(120, (second) => Math.min(100 + second * 5, 200)))).toEqual([true]);
  expect(flatness(weighed(120, (second) => (second % 7 === 0 ? 600 : 200)))).toEqual([true]);
});

it('what grows is not, also when it is seen to be small for a moment', () => {
  expect(flatness(weighed(120, (second) => (second === 115 ? 150 : 200 + second * 2)))).toEqual([false]);
});

it('a short life says nothing', () => {
  expect(weighed(65, (second) => 100 + second * 10)).toEqual([]);
});
