import type { Decimal } from 'decimal.js';

/** USD per million tokens. */
export interface PriceTier {
  /** The tier prices every token of a request whose whole input (fresh, cache written and cache read) has more tokens than this. */
  readonly aboveInputTokens: number;
  readonly input: Decimal;
  readonly output: Decimal;
  readonly cacheWrite5m: Decimal;
  readonly cacheWrite1h: Decimal;
  readonly cacheRead: Decimal;
}

/** Ascending by `aboveInputTokens`; the first tier begins at 0. */
export type ModelPrice = readonly [PriceTier, ...PriceTier[]];
