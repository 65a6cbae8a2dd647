import { ApiProperty } from '@nestjs/swagger';
import { MODEL_LIFECYCLES, type ModelLifecycle } from './model-catalog.rules.js';

export class ModelPriceView {
  @ApiProperty({
    type: 'integer',
    example: 0,
    description: 'Prices every token of a request with more input tokens than this.',
  })
  above_input_tokens!: number;

  @ApiProperty({ type: Number, example: 0.1, description: 'USD per million tokens, as all prices here.' })
  input!: number;

  @ApiProperty({ type: Number, example: 0.5 })
  output!: number;

  @ApiProperty({ type: Number, example: 0.125, description: 'Writing to the cache for 5 minutes.' })
  cache_write_5m!: number;

  @ApiProperty({ type: Number, example: 0.2, description: 'Writing to the cache for an hour.' })
  cache_write_1h!: number;

  @ApiProperty({ type: Number, example: 0.01 })
  cache_read!: number;
}

export class ModelLimits {
  @ApiProperty({ type: 'integer', example: 1_000_000, description: 'Tokens of input and output together.' })
  context_window!: number;

  @ApiProperty({ type: 'integer', example: 128_000, description: 'The most max_tokens can be.' })
  max_output_tokens!: number;

  @ApiProperty({ type: 'integer', example: 512, description: 'A shorter beginning of a request is not cached.' })
  min_cache_tokens!: number;
}

export class ModelView {
  @ApiProperty({ type: String, example: 'claude-haiku-5-5' })
  id!: string;

  @ApiProperty({ type: String, example: 'Claude Haiku 5.5' })
  display_name!: string;

  @ApiProperty({
    enum: MODEL_LIFECYCLES,
    enumName: 'ModelLifecycle',
    example: 'current',
    description:
      'A deprecated one still answers, with a warning; a retired one is answered by the current model of its line, or refused.',
  })
  lifecycle!: ModelLifecycle;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: null })
  deprecated_at!: string | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    example: null,
    description: 'The day the provider has set for its retirement, and may still change.',
  })
  retires_at!: string | null;

  @ApiProperty({
    type: [String],
    example: ['fast', 'claude-3-haiku-20240307'],
    description: 'Other names it is called by: those of LLM_MODEL_ALIASES, and retired ids that it answers.',
  })
  aliases!: string[];

  @ApiProperty({ type: ModelLimits })
  limits!: ModelLimits;

  @ApiProperty({
    type: [ModelPriceView],
    description: 'One or more tiers. Empty: without a price, so calls are refused with MODEL_UNPRICED.',
  })
  prices!: ModelPriceView[];

  @ApiProperty({ type: Boolean, example: true })
  is_priced!: boolean;

  @ApiProperty({ type: Boolean, example: true, description: 'What answers when a call names no model.' })
  is_default!: boolean;
}

export class ModelList {
  @ApiProperty({ type: [ModelView] })
  items!: ModelView[];

  @ApiProperty({ type: String, nullable: true, example: null, description: 'Always null: all models are on one page.' })
  next_cursor!: null;

  @ApiProperty({
    type: String,
    example: 'anthropic',
    description: 'Who answers calls now; offline charges nothing, whatever the price.',
  })
  provider!: string;
}
