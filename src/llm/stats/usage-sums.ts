import { Column } from 'typeorm';

const bigint = (name: string) => ({ name, type: 'bigint' }) as const;
const usd = (name: string) => ({ name, type: 'numeric', precision: 20, scale: 10 }) as const;

/** What every rollup of model calls adds up. One attempt that has ended is one request. */
export abstract class UsageSums {
  @Column(bigint('requests'))
  requests!: string;

  /** Requests that were answered, whatever the answer was worth. */
  @Column(bigint('answers'))
  answers!: string;

  /** Answers that were what was asked for. */
  @Column(bigint('successes'))
  successes!: string;

  /** Requests that repeat a failed one. */
  @Column(bigint('retries'))
  retries!: string;

  @Column(bigint('cache_hits'))
  cacheHits!: string;

  /** The whole input: fresh, cache written and cache read. */
  @Column(bigint('input_tokens'))
  inputTokens!: string;

  @Column(bigint('output_tokens'))
  outputTokens!: string;

  @Column(bigint('cache_creation_input_tokens'))
  cacheCreationInputTokens!: string;

  @Column(bigint('cache_read_input_tokens'))
  cacheReadInputTokens!: string;

  /** Of the answers. */
  @Column(bigint('latency_ms'))
  latencyMs!: string;

  @Column(usd('cost_usd'))
  costUsd!: string;

  @Column(usd('cost_without_cache_usd'))
  costWithoutCacheUsd!: string;
}
