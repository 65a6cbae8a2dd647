import type { AppConfig } from '../config/app-config.js';
import { DEFAULT_MODEL, DEFAULT_MODEL_ALIASES } from '../config/model-settings.rules.js';
import { StartError } from '../config/start-error.js';
import { cutTo } from '../database/cut.rules.js';
import { Problem } from '../http/problem.js';
import { modelsOf, replacementOf, warningsOf, type Model } from './model-catalog.rules.js';
import type { ModelPrice } from './pricing.rules.js';
import type { ProviderModel } from './providers/provider.js';

export interface ResolvedModel {
  readonly model: Model;
  readonly price: ModelPrice;
  readonly warnings: readonly string[];
}

export interface CatalogSettings {
  /** By model id; they go before the list prices. */
  readonly prices?: Readonly<Record<string, ModelPrice>>;
  /** Model ids by alias. Default: those of the configuration's defaults. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** What answers a call that names no model: an id or an alias. */
  readonly defaultModel?: string;
}

/** All models by id, and the ids of those that answer for a retired one. Replaced as a whole. */
interface Snapshot {
  readonly byId: ReadonlyMap<string, Model>;
  readonly idByRetiredId: ReadonlyMap<string, string>;
}

/** The models NYX knows, with what they cost. */
export class ModelCatalog {
  private snapshot: Snapshot;
  private readonly prices: Readonly<Record<string, ModelPrice>>;
  private readonly aliases: ReadonlyMap<string, string>;
  private readonly defaultModel: string;
  private readonly whenUnknown: (() => void)[] = [];

  /** @throws StartError when an alias or the default model does not stand for a model that can be called */
  constructor({ prices = {}, aliases = DEFAULT_MODEL_ALIASES, defaultModel = DEFAULT_MODEL }: CatalogSettings = {}) {
    this.prices = prices;
    this.defaultModel = defaultModel;
    this.aliases = new Map(Object.entries(aliases));
    this.snapshot = snapshotOf(modelsOf(prices, []));
    for (const [alias, id] of this.aliases) this.checkAlias(alias, id);
    this.checkDefault(defaultModel);
  }

  /** Goes on with what the provider lists now; until the first time with the built-in table alone. */
  replace(listed: readonly ProviderModel[]): void {
    this.snapshot = snapshotOf(modelsOf(this.prices, listed));
  }

  /** Calls `listener` whenever somebody names a model that is not known. */
  onUnknown(listener: () => void): void {
    this.whenUnknown.push(listener);
  }

  list(): readonly Model[] {
    return [...this.snapshot.byId.values()];
  }

  /** Configured names of a model, then the retired ids it answers. */
  namesOf({ id, retiredIds }: Model): readonly string[] {
    return [...[...this.aliases].flatMap(([alias, model]) => (model === id ? [alias] : [])), ...retiredIds];
  }

  /** The model that a call with this id or alias, or without one, is answered by. @throws Problem UNKNOWN_MODEL, MODEL_UNPRICED */
  resolve(name = this.defaultModel): ResolvedModel {
    const id = this.aliases.get(name) ?? name;
    const model = this.find(id);
    if (model === undefined) {
      for (const listener of this.whenUnknown) listener();
      throw new Problem('UNKNOWN_MODEL', this.complaintAbout(id));
    }
    if (model.price === undefined) {
      throw new Problem('MODEL_UNPRICED', `The model ${model.id} has no price here, so no budget could cover a call.`);
    }
    return { model, price: model.price, warnings: warningsOf(id, model) };
  }

  /**
   * The smallest of each of the models that calls with these names are answered by, in tokens. One that nobody can call any more does not
   * count; infinite where none can be called.
   */
  smallestLimits(names: readonly (string | undefined)[]): Pick<Model, 'contextWindow' | 'maxOutputTokens'> {
    const models = names.flatMap((name = this.defaultModel) => this.named(name) ?? []);
    return {
      contextWindow: Math.min(...models.map(({ contextWindow }) => contextWindow)),
      maxOutputTokens: Math.min(...models.map(({ maxOutputTokens }) => maxOutputTokens)),
    };
  }

  /** Of the model that calls with this id or alias are answered by; undefined: nobody answers them. */
  idOf(name: string): string | undefined {
    return this.named(name)?.id;
  }

  private named(name: string): Model | undefined {
    return this.find(this.aliases.get(name) ?? name);
  }

  private find(id: string): Model | undefined {
    const { byId, idByRetiredId } = this.snapshot;
    const model = byId.get(idByRetiredId.get(id) ?? id);
    return model?.lifecycle === 'retired' ? replacementOf(model, byId.values()) : model;
  }

  private complaintAbout(id: string): string {
    const { byId, idByRetiredId } = this.snapshot;
    return byId.has(idByRetiredId.get(id) ?? id)
      ? `The model ${id} is retired, and there is no current model of its line.`
      : `The model ${JSON.stringify(cutTo(id, LONGEST_SHOWN))} is not known here.`;
  }

  private checkAlias(alias: string, id: string): void {
    const { byId, idByRetiredId } = this.snapshot;
    if (byId.has(alias) || idByRetiredId.has(alias)) {
      throw new StartError(`LLM_MODEL_ALIASES must not name an alias as a model is called, and has ${alias}.`);
    }
    if (byId.get(id)?.price !== undefined) return;
    const complaint = byId.has(id) ? 'which has no price until LLM_PRICES gives it one' : 'which is not known here';
    throw new StartError(`LLM_MODEL_ALIASES must give known models with a price, and ${alias} is ${id}, ${complaint}.`);
  }

  private checkDefault(name: string): void {
    const model = this.named(name);
    if (model?.price !== undefined) return;
    const complaint = model === undefined ? 'is not known here' : 'has no price until LLM_PRICES gives it one';
    throw new StartError(`LLM_DEFAULT_MODEL must be a known model with a price, and ${name} ${complaint}.`);
  }
}

/** @throws StartError where the configuration names a model that cannot be called */
export const catalogOf = ({ llm }: Pick<AppConfig, 'llm'>): ModelCatalog =>
  new ModelCatalog({ prices: llm.modelPrices, aliases: llm.modelAliases, defaultModel: llm.defaultModel });

const LONGEST_SHOWN = 100;

const snapshotOf = (models: readonly Model[]): Snapshot => ({
  byId: new Map(models.map((model) => [model.id, model])),
  idByRetiredId: new Map(models.flatMap(({ id, retiredIds }) => retiredIds.map((retired) => [retired, id]))),
});
