import { Problem } from '../http/problem.js';
import { LIST_PRICES, type ModelPrice } from './pricing.rules.js';

export type ModelLifecycle = 'current' | 'legacy';

export interface Model {
  readonly id: string;
  readonly displayName: string;
  /** Tokens of input and output together. */
  readonly contextWindow: number;
  readonly maxOutputTokens: number;
  /** A shorter beginning of a request is not cached. */
  readonly minCacheTokens: number;
  readonly lifecycle: ModelLifecycle;
  /** Unset: known, but not priced here, so not callable. */
  readonly price: ModelPrice | undefined;
  /** Older ids that clients still send and that are answered by this model. */
  readonly aliases: readonly string[];
}

export interface ResolvedModel {
  readonly model: Model;
  readonly price: ModelPrice;
  readonly warnings: readonly string[];
}

type Known = readonly [id: string, displayName: string, lifecycle: ModelLifecycle, aliases?: readonly string[]];

const LARGE = { contextWindow: 1_000_000, maxOutputTokens: 128_000, minCacheTokens: 1024 };
const SMALL = { contextWindow: 200_000, maxOutputTokens: 64_000, minCacheTokens: 1024 };

const MODELS: readonly Known[] = [
  ['claude-haiku-5-5', 'Claude Haiku 5.5', 'current', ['claude-3-5-haiku-20241022', 'claude-3-haiku-20240307']],
  ['claude-sonnet-5-5', 'Claude Sonnet 5.5', 'current', ['claude-3-5-sonnet-20241022']],
  ['claude-opus-5-5', 'Claude Opus 5.5', 'current', ['claude-3-opus-20240229']],
  ['claude-fable-5-2', 'Claude Fable 5.2', 'current'],
  ['claude-mythos-5-2', 'Claude Mythos 5.2', 'current'],
  ['claude-fable-5-1', 'Claude Fable 5.1', 'legacy'],
  ['claude-mythos-5-1', 'Claude Mythos 5.1', 'legacy'],
  ['claude-opus-5', 'Claude Opus 5', 'legacy'],
  ['claude-sonnet-5', 'Claude Sonnet 5', 'legacy'],
];
const SMALL_MODELS: readonly Known[] = [['claude-haiku-4-5', 'Claude Haiku 4.5', 'legacy']];

/** The models NYX knows, with what they cost. `prices` come from configuration and go before the list prices. */
export class ModelCatalog {
  private readonly byId: ReadonlyMap<string, Model>;
  private readonly idByAlias: ReadonlyMap<string, string>;

  constructor(prices: Readonly<Record<string, ModelPrice>> = {}) {
    const priced = { ...LIST_PRICES, ...prices };
    const build = ([id, displayName, lifecycle, aliases = []]: Known, limits: typeof LARGE): Model => ({
      id,
      displayName,
      lifecycle,
      aliases,
      ...limits,
      price: priced[id],
    });
    const models = [
      ...MODELS.map((known) => build(known, LARGE)),
      ...SMALL_MODELS.map((known) => build(known, SMALL)),
      ...this.configured(Object.keys(prices)).map((known) => build(known, LARGE)),
    ];
    this.byId = new Map(models.map((model) => [model.id, model]));
    this.idByAlias = new Map(models.flatMap((model) => model.aliases.map((alias) => [alias, model.id])));
  }

  list(): readonly Model[] {
    return [...this.byId.values()];
  }

  /** @throws Problem UNKNOWN_MODEL, MODEL_UNPRICED */
  resolve(id: string): ResolvedModel {
    const currentId = this.idByAlias.get(id);
    const model = this.byId.get(currentId ?? id);
    if (model === undefined) throw new Problem('UNKNOWN_MODEL', `The model ${JSON.stringify(id)} is not known here.`);
    if (model.price === undefined) {
      throw new Problem('MODEL_UNPRICED', `The model ${model.id} has no price here, so no budget could cover a call.`);
    }
    const warnings = currentId === undefined ? [] : [`The model ${id} is retired; ${currentId} answered in its place.`];
    return { model, price: model.price, warnings };
  }

  /** A model that only the configuration names (a local one, say) is known by its price. */
  private configured(ids: readonly string[]): Known[] {
    const builtIn = new Set([...MODELS, ...SMALL_MODELS].map(([id]) => id));
    return ids.filter((id) => !builtIn.has(id)).map((id) => [id, id, 'current']);
  }
}
