import { Decimal } from 'decimal.js';
import type { Usage } from './model-server-usage.js';

/** USD per million tokens. Written down a second time, apart from src/llm, so that a test compares two sources. */
export interface Price {
  input: string;
  output: string;
  write5m: string;
  write1h: string;
  read: string;
  /** Holds for every token of a request with more input tokens than `above`. */
  long?: { above: number; price: Omit<Price, 'long'> };
}

const price = (input: string, output: string, write5m: string, write1h: string, read: string): Price => ({
  input,
  output,
  write5m,
  write1h,
  read,
});

export const PRICES: Readonly<Record<string, Price>> = {
  'claude-opus-5-5': price('4', '20', '5', '8', '0.20'),
  'claude-sonnet-5-5': price('2', '10', '2.5', '4', '0.10'),
  'claude-haiku-5-5': {
    ...price('0.10', '0.50', '0.125', '0.20', '0.01'),
    long: { above: 100_000, price: price('0.50', '2.50', '0.625', '1.00', '0.05') },
  },
  'claude-fable-5-1': price('10', '50', '12.5', '20', '0.25'),
  'claude-opus-5': price('5', '25', '6.25', '10', '0.50'),
};

/** Exact cost of one answered call in USD. */
export const chargeOf = (listed: Price, usage: Usage): Decimal => {
  const input = usage.inputTokens + usage.write5mTokens + usage.write1hTokens + usage.readTokens;
  const rate = listed.long && input > listed.long.above ? listed.long.price : listed;
  return new Decimal(rate.input)
    .times(usage.inputTokens)
    .plus(new Decimal(rate.output).times(usage.outputTokens))
    .plus(new Decimal(rate.write5m).times(usage.write5mTokens))
    .plus(new Decimal(rate.write1h).times(usage.write1hTokens))
    .plus(new Decimal(rate.read).times(usage.readTokens))
    .dividedBy(1_000_000);
};
