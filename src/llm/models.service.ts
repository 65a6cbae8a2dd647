import { Injectable } from '@nestjs/common';
import type { Plain } from '../http/plain.js';
import { Problem } from '../http/problem.js';
import { ModelCatalog } from './model-catalog.js';
import type { Model } from './model-catalog.rules.js';
import type { ModelList, ModelPriceView, ModelView } from './model.dto.js';
import type { PriceTier } from './pricing.rules.js';
import { LlmProvider } from './providers/provider.js';

/** The catalog as the API shows it. */
@Injectable()
export class Models {
  constructor(
    private readonly catalog: ModelCatalog,
    private readonly provider: LlmProvider,
  ) {}

  list(): Plain<ModelList> {
    const defaultId = this.defaultId();
    const items = this.catalog.list().map((model) => this.viewOf(model, model.id === defaultId));
    return { items, next_cursor: null, provider: this.provider.name };
  }

  /** Undefined when the default model was retired without a successor. */
  private defaultId(): string | undefined {
    try {
      return this.catalog.resolve().model.id;
    } catch (error) {
      if (error instanceof Problem) return undefined;
      throw error;
    }
  }

  private viewOf(model: Model, isDefault: boolean): Plain<ModelView> {
    return {
      id: model.id,
      display_name: model.displayName,
      lifecycle: model.lifecycle,
      deprecated_at: model.deprecatedAt?.toISOString() ?? null,
      retires_at: model.retiresAt?.toISOString() ?? null,
      aliases: [...this.catalog.namesOf(model)],
      limits: {
        context_window: model.contextWindow,
        max_output_tokens: model.maxOutputTokens,
        min_cache_tokens: model.minCacheTokens,
      },
      prices: (model.price ?? []).map(priceOf),
      is_priced: model.price !== undefined,
      is_default: isDefault,
    };
  }
}

const priceOf = (tier: PriceTier): Plain<ModelPriceView> => ({
  above_input_tokens: tier.aboveInputTokens,
  input: tier.input.toNumber(),
  output: tier.output.toNumber(),
  cache_write_5m: tier.cacheWrite5m.toNumber(),
  cache_write_1h: tier.cacheWrite1h.toNumber(),
  cache_read: tier.cacheRead.toNumber(),
});
