/** A model as this release knows it, before the provider or the configuration say more. */
export interface BuiltInModel {
  readonly id: string;
  readonly displayName: string;
  readonly line: string;
  readonly lifecycle: 'current' | 'legacy';
  readonly limits: TokenLimits;
  /** Retired ids that clients still send and that this model answers. */
  readonly retiredIds: readonly string[];
}

export interface TokenLimits {
  /** Tokens of input and output together. */
  readonly contextWindow: number;
  readonly maxOutputTokens: number;
  /** A shorter beginning of a request is not cached. */
  readonly minCacheTokens: number;
}

/** What is assumed of a model of which nothing is known. */
export const ASSUMED_LIMITS: TokenLimits = {
  contextWindow: 1_000_000,
  maxOutputTokens: 128_000,
  minCacheTokens: 1024,
};

/** The smallest beginnings that are cached are those of Anthropic's page on prompt caching, October 2026; of 5.2 it says nothing. */
const caching = (minCacheTokens: number): TokenLimits => ({ ...ASSUMED_LIMITS, minCacheTokens });
const SMALL: TokenLimits = { contextWindow: 200_000, maxOutputTokens: 64_000, minCacheTokens: 4096 };

const model = (
  line: string,
  id: string,
  displayName: string,
  lifecycle: BuiltInModel['lifecycle'],
  limits: TokenLimits,
  retiredIds: readonly string[] = [],
): BuiltInModel => ({ id, displayName, line, lifecycle, limits, retiredIds });

export const BUILT_IN_MODELS: readonly BuiltInModel[] = [
  model('haiku', 'claude-haiku-5-5', 'Claude Haiku 5.5', 'current', caching(512), [
    'claude-3-5-haiku-20241022',
    'claude-3-haiku-20240307',
  ]),
  model('sonnet', 'claude-sonnet-5-5', 'Claude Sonnet 5.5', 'current', caching(512), ['claude-3-5-sonnet-20241022']),
  model('opus', 'claude-opus-5-5', 'Claude Opus 5.5', 'current', caching(512), ['claude-3-opus-20240229']),
  model('fable', 'claude-fable-5-2', 'Claude Fable 5.2', 'current', ASSUMED_LIMITS),
  model('mythos', 'claude-mythos-5-2', 'Claude Mythos 5.2', 'current', ASSUMED_LIMITS),
  model('fable', 'claude-fable-5-1', 'Claude Fable 5.1', 'legacy', caching(512)),
  model('mythos', 'claude-mythos-5-1', 'Claude Mythos 5.1', 'legacy', caching(512)),
  model('opus', 'claude-opus-5', 'Claude Opus 5', 'legacy', caching(512)),
  model('sonnet', 'claude-sonnet-5', 'Claude Sonnet 5', 'legacy', caching(1024)),
  model('haiku', 'claude-haiku-4-5', 'Claude Haiku 4.5', 'legacy', SMALL),
];
