import { BUILT_IN_MODELS, ASSUMED_LIMITS, type TokenLimits } from './model-table.js';
import { LIST_PRICES, type ModelPrice } from './pricing.rules.js';
import type { ProviderModel } from './providers/provider.js';

export const MODEL_LIFECYCLES = ['current', 'legacy', 'deprecated', 'retired'] as const;
export type ModelLifecycle = (typeof MODEL_LIFECYCLES)[number];

export interface Model extends TokenLimits {
  readonly id: string;
  readonly displayName: string;
  /** The family it belongs to, such as opus; undefined when it belongs to none. */
  readonly line: string | undefined;
  readonly lifecycle: ModelLifecycle;
  readonly deprecatedAt: Date | undefined;
  /** Scheduled by the provider, which may change it; a past date is not a retirement yet. */
  readonly retiresAt: Date | undefined;
  /** Unset: known, but not priced here, so not callable. */
  readonly price: ModelPrice | undefined;
  /** Retired ids that clients still send and that are answered by this model. */
  readonly retiredIds: readonly string[];
}

type Prices = Readonly<Record<string, ModelPrice>>;

/**
 * All models: the built-in ones, those the configuration prices, those the provider lists. The provider's word on names, limits and
 * lifecycle goes first; prices are ours alone.
 */
export function modelsOf(configured: Prices, listed: readonly ProviderModel[]): Model[] {
  const prices = new Map(Object.entries({ ...LIST_PRICES, ...configured }));
  const builtIn = new Map(BUILT_IN_MODELS.map((model) => [model.id, model]));
  const byProvider = new Map(listed.map((model) => [model.id, model]));
  const ids = new Set([...builtIn.keys(), ...Object.keys(configured), ...byProvider.keys()]);
  return [...ids].map((id) => {
    const [ours, theirs] = [builtIn.get(id), byProvider.get(id)];
    const limits = ours?.limits ?? ASSUMED_LIMITS;
    return {
      id,
      displayName: theirs?.displayName ?? ours?.displayName ?? id,
      line: theirs?.line ?? ours?.line,
      contextWindow: theirs?.maxInputTokens ?? limits.contextWindow,
      maxOutputTokens: theirs?.maxOutputTokens ?? limits.maxOutputTokens,
      minCacheTokens: limits.minCacheTokens,
      lifecycle:
        theirs === undefined || theirs.lifecycle === 'active' ? (ours?.lifecycle ?? 'current') : theirs.lifecycle,
      deprecatedAt: theirs?.deprecatedAt,
      retiresAt: theirs?.retiresAt,
      price: prices.get(id),
      // Who prices an old id means that model itself.
      retiredIds: (ours?.retiredIds ?? []).filter((retired) => !prices.has(retired)),
    };
  });
}

/** The current model of a retired one's line, of those that can be called. */
export const replacementOf = (retired: Model, models: Iterable<Model>): Model | undefined =>
  [...models].find(
    ({ line, lifecycle, price }) =>
      line !== undefined && line === retired.line && lifecycle === 'current' && price !== undefined,
  );

/** What a caller who asked for `requestedId` should know of the model that answers. */
export function warningsOf(requestedId: string, { id, lifecycle, retiresAt }: Model): string[] {
  const replaced = requestedId === id ? [] : [`The model ${requestedId} is retired; ${id} answered in its place.`];
  if (lifecycle !== 'deprecated') return replaced;
  const retirement =
    retiresAt === undefined ? 'no date is set for its retirement' : `its retirement is set for ${dayOf(retiresAt)}`;
  return [...replaced, `The model ${id} is deprecated; ${retirement}.`];
}

const dayOf = (date: Date): string => date.toISOString().slice(0, 10);
