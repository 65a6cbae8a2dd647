import { cutMiddle } from '../../src/database/cut.rules.js';
import { resultsText, roomForResults, shownResults } from '../../src/orchestrator/planning/result-room.rules.js';

const result = (title: string, length: number, of = 'x') => ({ title, content: of.repeat(length) });
const lengths = (results: readonly { content: string }[]): number[] => results.map(({ content }) => content.length);

it('leaves results whole that have room', () => {
  const results = [result('One', 400), result('Two', 10), result('None', 0)];
  expect(shownResults(results, 1_000)).toEqual({ results, warning: undefined });
  expect(shownResults([], 0)).toEqual({ results: [], warning: undefined });
});

it('cuts the longest to one length, and leaves what is shorter whole', () => {
  const results = [result('Long', 90_000), result('Short', 500), result('Longer', 200_000)];
  const { results: shown, warning } = shownResults(results, 40_000);
  expect(shown.map(({ title }) => title)).toEqual(['Long', 'Short', 'Longer']);
  const [long = 0, short, longer = 0] = lengths(shown);
  expect(short).toBe(500);
  expect(Math.abs(long - longer)).toBeLessThan(10);
  expect(warning).toMatch(/^2 of the 3 results .* 19\d\d\d bytes/);
  expect(shown[0]?.content).toMatch(/\n\[\d+ of 90000 bytes are left out here\]\n/);
});

it.each([
  ['one that is long', 1, 5_000_000],
  ['many that are long', 300, 10_000],
  ['more than have room at all', 5_000, 100],
])('keeps %s within the room, titles and elements included', (_, count, length) => {
  const results = Array.from({ length: count }, (__, index) => result(`Part ${index}`, length, 'ü'));
  const { results: shown, warning } = shownResults(results, 600_000);
  expect(shown).toHaveLength(count);
  expect(warning).toContain(`${count} of the ${count} results`);
  expect(Buffer.byteLength(resultsText(shown))).toBeLessThanOrEqual(600_000);
});

it('has no bound for models whose window nobody knows', () => {
  expect(shownResults([result('Long', 5_000_000)], roomForResults(Infinity)).warning).toBeUndefined();
});

it.each([0, 1, 2, 3, 7, 100])('cuts between characters at %i bytes', (most) => {
  for (const text of ['😀'.repeat(1_000), `-${'ü😀'.repeat(1_000)}`]) {
    const cut = cutMiddle(text, most);
    expect(cut).not.toContain('\uFFFD');
    expect(cut.isWellFormed()).toBe(true);
    expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(most + 100);
  }
});
