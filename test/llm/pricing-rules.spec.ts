import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import {
  costOf,
  costWithoutCacheOf,
  FREE,
  LIST_PRICES,
  totalInputTokens,
  worstCaseOf,
  type ModelPrice,
  type TokenUsage,
} from '../../src/llm/pricing.rules.js';
import { chargeOf, PRICES } from '../support/model-server-prices.js';

const priceOf = (model: string): ModelPrice => LIST_PRICES[model] ?? FREE;
const models = fc.constantFrom(...Object.keys(LIST_PRICES));
const tokens = fc.integer({ min: 0, max: 300_000 });
const usages: fc.Arbitrary<TokenUsage> = fc.record({
  inputTokens: tokens,
  outputTokens: tokens,
  cacheCreation5mTokens: tokens,
  cacheCreation1hTokens: tokens,
  cacheReadTokens: tokens,
});
const usage = (given: Partial<TokenUsage>): TokenUsage => ({
  inputTokens: 0,
  outputTokens: 0,
  cacheCreation5mTokens: 0,
  cacheCreation1hTokens: 0,
  cacheReadTokens: 0,
  ...given,
});

it.each([
  ['claude-haiku-5-5', { inputTokens: 100_000 }, '0.01'],
  ['claude-haiku-5-5', { inputTokens: 100_001 }, '0.0500005'],
  ['claude-haiku-5-5', { inputTokens: 50_000, cacheReadTokens: 50_001 }, '0.02750005'],
  ['claude-haiku-5-5', { cacheReadTokens: 1 }, '0.00000001'],
  ['claude-haiku-5-5', { cacheCreation5mTokens: 1 }, '0.000000125'],
  ['claude-opus-5-5', { inputTokens: 1_000_000, outputTokens: 1_000_000 }, '24'],
  [
    'claude-opus-5-5',
    { cacheCreation5mTokens: 1_000_000, cacheCreation1hTokens: 1_000_000, cacheReadTokens: 1_000_000 },
    '13.2',
  ],
  ['claude-fable-5-1', { cacheReadTokens: 1_000_000 }, '0.25'],
])('%s charges %j as listed', (model, given, expected) => {
  expect(costOf(priceOf(model), usage(given)).toFixed()).toBe(expected);
});

it('agrees with a price list written down apart from it', () => {
  expect(Object.keys(PRICES).sort()).toEqual(Object.keys(LIST_PRICES).sort());
  fc.assert(
    fc.property(models, usages, (model, used) => {
      const listed = PRICES[model];
      const other = {
        inputTokens: used.inputTokens,
        outputTokens: used.outputTokens,
        write5mTokens: used.cacheCreation5mTokens,
        write1hTokens: used.cacheCreation1hTokens,
        readTokens: used.cacheReadTokens,
      };
      return listed !== undefined && costOf(priceOf(model), used).eq(chargeOf(listed, other));
    }),
  );
});

it('is never more than the worst case of a bound on its tokens', () => {
  fc.assert(
    fc.property(models, usages, fc.nat(100_000), fc.nat(100_000), (model, used, moreIn, moreOut) => {
      const bound = worstCaseOf(priceOf(model), totalInputTokens(used) + moreIn, used.outputTokens + moreOut);
      return costOf(priceOf(model), used).lte(bound);
    }),
  );
});

it('has a worst case that grows with its bounds', () => {
  fc.assert(
    fc.property(models, tokens, tokens, fc.nat(1000), (model, input, output, more) => {
      const base = worstCaseOf(priceOf(model), input, output);
      return (
        worstCaseOf(priceOf(model), input + more, output).gte(base) &&
        worstCaseOf(priceOf(model), input, output + more).gte(base)
      );
    }),
  );
});

it('fits the ten decimals of its column, exactly', () => {
  fc.assert(fc.property(models, usages, (model, used) => costOf(priceOf(model), used).decimalPlaces() <= 10));
});

it('without a cache prices all input as fresh', () => {
  fc.assert(
    fc.property(models, usages, (model, used) => {
      const fresh = usage({ inputTokens: totalInputTokens(used), outputTokens: used.outputTokens });
      return costWithoutCacheOf(priceOf(model), used).eq(costOf(priceOf(model), fresh));
    }),
  );
});

it('is nothing where the provider charges nothing', () => {
  fc.assert(
    fc.property(usages, (used) => costOf(FREE, used).isZero() && worstCaseOf(FREE, 1e6, 1e6).eq(new Decimal(0))),
  );
});
