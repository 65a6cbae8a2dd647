import { Decimal } from 'decimal.js';
import type { ModelPrice, PriceTier } from '../config/model-price.js';

export type { ModelPrice, PriceTier };

/** Tokens as the provider bills them. The whole input is the sum of the four input kinds. */
export interface TokenUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheCreation5mTokens: number;
  readonly cacheCreation1hTokens: number;
  readonly cacheReadTokens: number;
}

const PER = new Decimal(1_000_000);

function tier(aboveInputTokens: number, input: string, output: string, caching: readonly [string, string, string]) {
  const [write5m, write1h, read] = caching;
  return {
    aboveInputTokens,
    input: new Decimal(input),
    output: new Decimal(output),
    cacheWrite5m: new Decimal(write5m),
    cacheWrite1h: new Decimal(write1h),
    cacheRead: new Decimal(read),
  };
}

/** Anthropic's list prices of November 2026: in, out, [5-minute write, 1-hour write, read]. The read price follows no formula. */
export const LIST_PRICES: Readonly<Record<string, ModelPrice>> = {
  'claude-opus-5-5': [tier(0, '4', '20', ['5', '8', '0.20'])],
  'claude-sonnet-5-5': [tier(0, '2', '10', ['2.5', '4', '0.10'])],
  'claude-haiku-5-5': [
    tier(0, '0.10', '0.50', ['0.125', '0.20', '0.01']),
    tier(100_000, '0.50', '2.50', ['0.625', '1.00', '0.05']),
  ],
  'claude-fable-5-1': [tier(0, '10', '50', ['12.5', '20', '0.25'])],
  'claude-opus-5': [tier(0, '5', '25', ['6.25', '10', '0.50'])],
};

/** A price of nothing, for a provider that charges nothing. */
export const FREE: ModelPrice = [tier(0, '0', '0', ['0', '0', '0'])];

export const totalInputTokens = (usage: TokenUsage): number =>
  usage.inputTokens + usage.cacheCreation5mTokens + usage.cacheCreation1hTokens + usage.cacheReadTokens;

function tierFor(price: ModelPrice, inputTokens: number): PriceTier {
  return price.reduce((chosen, next) => (inputTokens > next.aboveInputTokens ? next : chosen), price[0]);
}

/** What the provider charges for `usage`, in USD, exact. */
export function costOf(price: ModelPrice, usage: TokenUsage): Decimal {
  const rate = tierFor(price, totalInputTokens(usage));
  return rate.input
    .times(usage.inputTokens)
    .plus(rate.cacheWrite5m.times(usage.cacheCreation5mTokens))
    .plus(rate.cacheWrite1h.times(usage.cacheCreation1hTokens))
    .plus(rate.cacheRead.times(usage.cacheReadTokens))
    .plus(rate.output.times(usage.outputTokens))
    .div(PER);
}

/** What the same tokens would have cost, in USD, had none been written to or read from a cache. */
export function costWithoutCacheOf(price: ModelPrice, usage: TokenUsage): Decimal {
  return costOf(price, {
    inputTokens: totalInputTokens(usage),
    outputTokens: usage.outputTokens,
    cacheCreation5mTokens: 0,
    cacheCreation1hTokens: 0,
    cacheReadTokens: 0,
  });
}

/**
 * The most a request can cost, in USD: every input token at the dearest of fresh, written and read, `maxOutputTokens` out,
 * at the dearest tier that a request of at most `maxInputTokens` can fall into.
 */
export function worstCaseOf(price: ModelPrice, maxInputTokens: number, maxOutputTokens: number): Decimal {
  const reachable = price.filter((rate) => rate.aboveInputTokens === 0 || maxInputTokens > rate.aboveInputTokens);
  const bounds = reachable.map((rate) =>
    Decimal.max(rate.input, rate.cacheWrite5m, rate.cacheWrite1h, rate.cacheRead)
      .times(maxInputTokens)
      .plus(rate.output.times(maxOutputTokens))
      .div(PER),
  );
  return Decimal.max(...bounds);
}
