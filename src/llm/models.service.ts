import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import type { Plain } from '../http/plain.js';
import { ModelCatalog, type Model } from './model-catalog.js';
import type { ModelList, ModelPriceView, ModelView } from './model.dto.js';
import type { PriceTier } from './pricing.rules.js';
import { LlmProvider } from './providers/provider.js';

/** The catalog as the API shows it. */
@Injectable()
export class Models {
  constructor(
    private readonly catalog: ModelCatalog,
    private readonly provider: LlmProvider,
    private readonly config: AppConfig,
  ) {}

  list(): Plain<ModelList> {
    const isDefault = (model: Model): boolean => [model.id, ...model.aliases].includes(this.config.llm.defaultModel);
    const items = this.catalog.list().map((model) => viewOf(model, isDefault(model)));
    return { items, next_cursor: null, provider: this.provider.name };
  }
}

const viewOf = (model: Model, isDefault: boolean): Plain<ModelView> => ({
  id: model.id,
  display_name: model.displayName,
  lifecycle: model.lifecycle,
  aliases: [...model.aliases],
  limits: { context_window: model.contextWindow, max_output_tokens: model.maxOutputTokens },
  prices: (model.price ?? []).map(priceOf),
  is_default: isDefault,
});

const priceOf = (tier: PriceTier): Plain<ModelPriceView> => ({
  above_input_tokens: tier.aboveInputTokens,
  input: tier.input.toNumber(),
  output: tier.output.toNumber(),
  cache_write_5m: tier.cacheWrite5m.toNumber(),
  cache_write_1h: tier.cacheWrite1h.toNumber(),
  cache_read: tier.cacheRead.toNumber(),
});
