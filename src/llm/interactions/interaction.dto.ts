import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsBoolean, IsOptional, IsString, IsUUID, MaxLength } from 'class-validator';
import { PageQuery } from '../../http/page-query.dto.js';
import { toBoolean } from '../../http/to-boolean.js';
import { LLM_INTERACTION_STATUSES, type LlmInteractionStatus } from './llm-interaction.values.js';

export class InteractionQuery extends PageQuery {
  @ApiPropertyOptional({ type: String, format: 'uuid', description: 'Of this workflow.' })
  @IsOptional()
  @IsUUID()
  workflow_id?: string;

  @ApiPropertyOptional({ type: String, format: 'uuid', description: 'Of this thought.' })
  @IsOptional()
  @IsUUID()
  thought_tree_id?: string;

  @ApiPropertyOptional({ type: String, format: 'uuid', description: 'Of this agent.' })
  @IsOptional()
  @IsUUID()
  agent_id?: string;

  @ApiPropertyOptional({
    type: String,
    maxLength: 100,
    example: 'claude-haiku-5-5',
    description: 'Answered by this model.',
  })
  @IsOptional()
  @IsString()
  @MaxLength(100)
  model?: string;

  @ApiPropertyOptional({
    type: Boolean,
    description: 'Only those that brought what was asked for, or only those that did not.',
  })
  @Transform(toBoolean)
  @IsOptional()
  @IsBoolean()
  success?: boolean;
}

/** A text of an interaction: whole for one, its beginning in lists. */
const excerpt = { type: String, description: 'In lists the first 1,000 characters.' } as const;
const tokens = { type: 'integer', minimum: 0, nullable: true } as const;
const usd = { type: Number, minimum: 0, nullable: true } as const;
const reference = { type: String, format: 'uuid', nullable: true, example: null } as const;

export class InteractionTemplate {
  @ApiProperty({ type: String, example: 'synthesis.system' })
  name!: string;

  @ApiProperty({ type: 'integer', minimum: 1, example: 2 })
  version!: number;
}

export class InteractionView {
  @ApiProperty({ type: String, format: 'uuid', example: '019ab0c4-5d6e-7f80-9123-456789abcdef' })
  id!: string;

  @ApiProperty(reference)
  workflow_id!: string | null;

  @ApiProperty(reference)
  thought_tree_id!: string | null;

  @ApiProperty(reference)
  agent_id!: string | null;

  @ApiProperty({ type: String, nullable: true, example: null })
  session_id!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: '019ab0c4-1111-7222-8333-444455556666',
    description: 'Who made the call.',
  })
  principal_id!: string | null;

  @ApiProperty({
    type: String,
    example: 'generate',
    description: 'What the call was for: generate, plan, subtask, synthesis…',
  })
  purpose!: string;

  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description: 'The prompt template that the request was made from; null for a free prompt.',
  })
  template_name!: string | null;

  @ApiProperty({ type: 'integer', nullable: true, example: null })
  template_version!: number | null;

  @ApiProperty({
    type: [InteractionTemplate],
    nullable: true,
    example: null,
    description: 'The templates of its other parts: the system prompt, the shared context.',
  })
  other_templates!: InteractionTemplate[] | null;

  @ApiProperty({ type: String, example: 'anthropic' })
  provider!: string;

  @ApiProperty({ type: String, example: 'claude-haiku-5-5' })
  model!: string;

  @ApiProperty({
    enum: LLM_INTERACTION_STATUSES,
    enumName: 'LlmInteractionStatus',
    example: 'succeeded',
    description: 'in_doubt: it was sent and nobody knows what came of it.',
  })
  status!: LlmInteractionStatus;

  @ApiProperty({ type: Boolean, nullable: true, example: true, description: 'Whether it brought what was asked for.' })
  success!: boolean | null;

  @ApiProperty({ ...excerpt, nullable: true, example: null })
  system_prompt!: string | null;

  @ApiProperty({
    ...excerpt,
    description: `What was asked; of a later turn of an agent what it was told since the last. ${excerpt.description}`,
    example: 'Name the capital of France.',
  })
  prompt_text!: string;

  @ApiProperty({ ...excerpt, nullable: true, example: 'Paris.' })
  response_text!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'end_turn' })
  stop_reason!: string | null;

  @ApiProperty({ type: String, format: 'date-time', example: '2026-11-23T08:00:00.000Z' })
  request_timestamp!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2026-11-23T08:00:00.640Z' })
  response_timestamp!: string | null;

  @ApiProperty({ ...tokens, example: 14, description: 'The whole input: fresh, cache written and cache read.' })
  token_count_input!: number | null;

  @ApiProperty({ ...tokens, example: 5 })
  token_count_output!: number | null;

  @ApiProperty({ ...tokens, example: 0, description: 'Read from the cache; the same as cache_read_input_tokens.' })
  cached_token_count!: number | null;

  @ApiProperty({ ...tokens, example: 0 })
  cache_creation_input_tokens!: number | null;

  @ApiProperty({ ...tokens, example: 0 })
  cache_read_input_tokens!: number | null;

  @ApiProperty({ ...tokens, example: 640 })
  latency_ms!: number | null;

  @ApiProperty({ ...usd, example: 0.0000039, description: 'USD; null while or when nobody knows.' })
  cost_usd!: number | null;

  @ApiProperty({ ...usd, example: 0.0000039, description: 'USD that the same tokens cost without a cache.' })
  cost_without_cache_usd!: number | null;

  @ApiProperty({ type: Boolean, example: false })
  uses_prompt_caching!: boolean;

  @ApiProperty({ type: 'integer', nullable: true, example: null })
  cache_ttl_seconds!: number | null;

  @ApiProperty({ type: Boolean, example: false })
  cache_hit!: boolean;

  @ApiProperty({ type: String, nullable: true, example: null })
  error_code!: string | null;

  @ApiProperty({ type: String, nullable: true, example: null })
  error_message!: string | null;

  @ApiProperty({
    type: 'integer',
    minimum: 0,
    example: 0,
    description: 'Failed attempts at the same call before this one; each has its own row.',
  })
  retry_count!: number;

  @ApiProperty({ type: Number, minimum: 0, maximum: 1, nullable: true, example: null })
  confidence!: number | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'req_011CSHoEeqs5C35K2UUqR7Fy',
    description: "The provider's own id of the request.",
  })
  provider_request_id!: string | null;
}

export class InteractionDetail extends InteractionView {
  @ApiProperty({
    nullable: true,
    example: null,
    description: 'The parsed structured output, when one was asked for.',
    oneOf: [
      { type: 'object', additionalProperties: true },
      { type: 'array', items: {} },
      { type: 'string' },
      { type: 'number' },
      { type: 'boolean' },
    ],
  })
  response!: unknown;
}

export class InteractionPage {
  @ApiProperty({ type: [InteractionView] })
  items!: InteractionView[];

  @ApiProperty({ type: String, nullable: true, example: null, description: 'The `cursor` of the next page.' })
  next_cursor!: string | null;
}
