import { Decimal } from 'decimal.js';
import type { SummedRow } from './usage.sql.js';

/** What a group of model calls comes to. Tokens and counts are whole numbers, money is USD. */
export interface Usage {
  readonly requests: number;
  readonly answers: number;
  readonly successes: number;
  readonly retries: number;
  readonly cacheHits: number;
  /** The whole input: fresh, cache written and cache read. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheCreationInputTokens: number;
  readonly cacheReadInputTokens: number;
  readonly latencyMs: number;
  readonly costUsd: Decimal;
  readonly costWithoutCacheUsd: Decimal;
  readonly inDoubtRequests: number;
  readonly inDoubtUsd: Decimal;
}

export const usageOf = (row: SummedRow): Usage => ({
  requests: Number(row.requests),
  answers: Number(row.answers),
  successes: Number(row.successes),
  retries: Number(row.retries),
  cacheHits: Number(row.cache_hits),
  inputTokens: Number(row.input_tokens),
  outputTokens: Number(row.output_tokens),
  cacheCreationInputTokens: Number(row.cache_creation_input_tokens),
  cacheReadInputTokens: Number(row.cache_read_input_tokens),
  latencyMs: Number(row.latency_ms),
  costUsd: new Decimal(row.cost_usd),
  costWithoutCacheUsd: new Decimal(row.cost_without_cache_usd),
  inDoubtRequests: Number(row.in_doubt_requests),
  inDoubtUsd: new Decimal(row.in_doubt_usd),
});

const sum = (usages: readonly Usage[], of: (usage: Usage) => number): number =>
  usages.reduce((total, usage) => total + of(usage), 0);
const sumUsd = (usages: readonly Usage[], of: (usage: Usage) => Decimal): Decimal =>
  usages.reduce((total, usage) => total.plus(of(usage)), new Decimal(0));

/** Several groups in one; all zero when there is none. */
export const totalOf = (usages: readonly Usage[]): Usage => ({
  requests: sum(usages, (usage) => usage.requests),
  answers: sum(usages, (usage) => usage.answers),
  successes: sum(usages, (usage) => usage.successes),
  retries: sum(usages, (usage) => usage.retries),
  cacheHits: sum(usages, (usage) => usage.cacheHits),
  inputTokens: sum(usages, (usage) => usage.inputTokens),
  outputTokens: sum(usages, (usage) => usage.outputTokens),
  cacheCreationInputTokens: sum(usages, (usage) => usage.cacheCreationInputTokens),
  cacheReadInputTokens: sum(usages, (usage) => usage.cacheReadInputTokens),
  latencyMs: sum(usages, (usage) => usage.latencyMs),
  costUsd: sumUsd(usages, (usage) => usage.costUsd),
  costWithoutCacheUsd: sumUsd(usages, (usage) => usage.costWithoutCacheUsd),
  inDoubtRequests: sum(usages, (usage) => usage.inDoubtRequests),
  inDoubtUsd: sumUsd(usages, (usage) => usage.inDoubtUsd),
});

/** What the cache saved, in USD; below 0 when it was written more than it was read. */
export const savedUsd = ({ costWithoutCacheUsd, costUsd }: Usage): Decimal => costWithoutCacheUsd.minus(costUsd);

/** A part of a whole, 0..1; 0 of nothing. */
export const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
