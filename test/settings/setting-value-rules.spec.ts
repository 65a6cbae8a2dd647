import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { BUDGET, FLAG, fromStoredText, storedText, wholeNumber } from '../../src/settings/setting-value.rules.js';

const LOOKS_LIKE_DECIMAL = { toStringTag: '[object Decimal]', s: 1, e: 0, d: [5] };
const NOTHING_OF_JSON_NUMBERS = [
  '5',
  '',
  {},
  [],
  [5],
  undefined,
  true,
  { toString: () => '5' },
  LOOKS_LIKE_DECIMAL,
  { ...LOOKS_LIKE_DECIMAL, d: { a: 1 } },
];

describe('what a setting takes', () => {
  it.each(['true', 1, 0, null, undefined, {}, []])('a flag does not take %j', (given) => {
    expect(FLAG.accept(given)).toBeUndefined();
  });

  it('a flag takes true and false', () => {
    expect([FLAG.accept(true), FLAG.accept(false)]).toEqual([true, false]);
  });

  const seconds = wholeNumber(1, 3600);

  it.each([1, 60, 3600, 1e3])('a whole number takes %j', (given) => {
    expect(seconds.accept(given)).toBe(given);
  });

  it.each([0, -1, 3601, 1.5, 1e300, NaN, Infinity, null, ...NOTHING_OF_JSON_NUMBERS])(
    'a whole number does not take %j',
    (given) => {
      expect(seconds.accept(given)).toBeUndefined();
    },
  );

  it.each([1e-10, 0.1, 5, 999_999.9999999999, 1_000_000])('a budget takes %j', (given) => {
    expect(BUDGET.accept(given)?.toNumber()).toBe(given);
  });

  it('a budget takes null, which is no limit', () => {
    expect(BUDGET.accept(null)).toBeNull();
  });

  it.each([0, -0, -1, 1e-11, 0.12345678901, 1_000_000.01, 1e300, NaN, Infinity, ...NOTHING_OF_JSON_NUMBERS])(
    'a budget does not take %j',
    (given) => {
      expect(BUDGET.accept(given)).toBeUndefined();
    },
  );

  it('a budget is stored and read to the last digit', () => {
    const tenths = fc.bigInt({ min: 1n, max: 10n ** 16n });
    fc.assert(
      fc.property(tenths, (amount) => {
        const usd = new Decimal(amount.toString()).div('1e10');
        const text = storedText(usd);
        expect(text).toMatch(/^\d+(\.\d{1,10})?$/);
        expect(BUDGET.accept(fromStoredText(text))?.eq(usd)).toBe(true);
      }),
    );
  });

  it.each([true, false, null, 42])('%j is stored as plain JSON and read again', (value) => {
    expect(storedText(value)).toBe(JSON.stringify(value));
    const read = fromStoredText(storedText(value));
    expect(Decimal.isDecimal(read) ? read.toNumber() : read).toBe(value);
  });
});
