import type { LlmCall, Reuse } from './llm-call.js';
import type { PriceTier } from './pricing.rules.js';
import type { PromptLayout } from './prompt-layout.js';
import type { CacheTtl, ProviderRequest } from './providers/provider.js';

const BYTES_PER_TOKEN = 4;
const TTL_SECONDS = { '5m': 300, '1h': 3600 } as const;

/**
 * Where a request's beginning is worth keeping: after the tools and the system prompt, after the shared context, and at the end of a
 * conversation that goes on. A breakpoint below the model's minimum is ignored by the provider, so the estimate of the tokens need
 * not be exact.
 */
export function cacheBreakpoints(
  layout: PromptLayout,
  reuse: NonNullable<LlmCall['reuse']>,
  price: PriceTier,
  minTokens: number,
): ProviderRequest['cache'] {
  const { tools = [], system, sharedContext, prompt, turns = [] } = layout;
  let ofTools: number | undefined;
  const systemTokens = (): number =>
    (ofTools ??= tokensOf(tools.length > 0 ? JSON.stringify(tools) : '')) + tokensOf(system ?? '');
  const sharedTokens = (): number => systemTokens() + tokensOf(sharedContext ?? '');
  const allTokens = (): number =>
    sharedTokens() + tokensOf(prompt) + tokensOf(turns.length > 0 ? JSON.stringify(turns) : '');
  // Tools and conversations are long: they are counted only where it matters.
  const ttlOf = (tokens: () => number, expected: Reuse | undefined): CacheTtl | undefined => {
    const ttl = ttlThatPays(price, expected);
    return ttl !== undefined && tokens() >= minTokens ? ttl : undefined;
  };
  const conversation = ttlOf(allTokens, reuse.conversation);
  const shared = sharedContext === undefined ? undefined : ttlOf(sharedTokens, reuse.sharedContext);
  const own = system === undefined ? undefined : ttlOf(systemTokens, reuse.system);
  // The API takes no longer time to live behind a shorter one; what the longer covers is kept anyway.
  const isBeforeLonger = (ttl: CacheTtl, ...later: (CacheTtl | undefined)[]): boolean =>
    ttl === '5m' && later.includes('1h');
  return {
    ...(own !== undefined && !isBeforeLonger(own, shared, conversation) && { system: own }),
    ...(shared !== undefined && !isBeforeLonger(shared, conversation) && { sharedContext: shared }),
    ...(conversation !== undefined && { conversation }),
  };
}

/**
 * The time to live that outlasts the gap between two uses (each use renews it), if writing once and reading the other times costs
 * less than sending every time.
 */
export function ttlThatPays(price: PriceTier, reuse: Reuse | undefined): CacheTtl | undefined {
  if (reuse === undefined) return undefined;
  const { uses, gapSeconds } = reuse;
  const ttl = gapSeconds <= TTL_SECONDS['5m'] ? '5m' : gapSeconds <= TTL_SECONDS['1h'] ? '1h' : undefined;
  if (ttl === undefined) return undefined;
  const write = ttl === '5m' ? price.cacheWrite5m : price.cacheWrite1h;
  const cached = write.plus(price.cacheRead.times(uses - 1));
  return cached.lt(price.input.times(uses)) ? ttl : undefined;
}

const tokensOf = (text: string): number => Math.ceil(Buffer.byteLength(text, 'utf8') / BYTES_PER_TOKEN);
