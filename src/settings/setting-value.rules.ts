import { Decimal } from 'decimal.js';

/** Money in USD is a Decimal; null is a limit that is not set. */
export type SettingValue = boolean | number | Decimal | null;

/** What values a setting takes. */
export interface ValueKind<Value extends SettingValue> {
  /** Completes the sentence "must be …". */
  readonly expectation: string;
  /** The value that parsed JSON stands for, or undefined when it is none of this kind. Numbers may come as Decimal. */
  accept(given: unknown): Value | undefined;
}

const MAX_BUDGET_USD = 1_000_000;
/** As many as `numeric(20,10)` keeps. */
const MAX_DECIMALS = 10;

export const FLAG: ValueKind<boolean> = {
  expectation: 'true or false',
  accept: (given) => (typeof given === 'boolean' ? given : undefined),
};

export const wholeNumber = (min: number, max: number): ValueKind<number> => ({
  expectation: `a whole number from ${min} to ${max}`,
  accept: (given) => {
    const number = numberOf(given);
    return number?.isInteger() && number.gte(min) && number.lte(max) ? number.toNumber() : undefined;
  },
});

/** USD, or null for no limit. */
export const BUDGET: ValueKind<Decimal | null> = {
  expectation: `an amount in USD above 0 and up to ${MAX_BUDGET_USD} with at most ${MAX_DECIMALS} decimals, or null for no limit`,
  accept: (given) => {
    if (given === null) return null;
    const usd = numberOf(given);
    return usd?.gt(0) && usd.lte(MAX_BUDGET_USD) && usd.decimalPlaces() <= MAX_DECIMALS ? usd : undefined;
  },
};

/** A JSON number as the decimal it was written as: never through binary noise. */
function numberOf(given: unknown): Decimal | undefined {
  // Not Decimal.isDecimal: a JSON object that carries its mark passes that.
  if (typeof given !== 'number' && !(given instanceof Decimal)) return undefined;
  const number = new Decimal(given);
  return number.isFinite() ? number : undefined;
}

/** The JSON text a value is stored as, exact. */
export const storedText = (value: SettingValue): string =>
  Decimal.isDecimal(value) ? value.toFixed() : JSON.stringify(value);

/** A stored JSON text, its numbers exact. */
export function fromStoredText(text: string): unknown {
  const value: unknown = JSON.parse(text);
  return typeof value === 'number' ? new Decimal(text) : value;
}
