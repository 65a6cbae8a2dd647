import { ApiProperty, ApiPropertyOptional, getSchemaPath, type ApiResponseOptions } from '@nestjs/swagger';
import { EVENT_STREAM_TYPE } from '../../http/event-stream.js';
import { IsBoolean, IsInt, IsNumber, IsOptional, IsString, IsUUID, Length, Max, MaxLength, Min } from 'class-validator';

const MAX_PROMPT_LENGTH = 200_000;

export class GenerateRequest {
  @ApiPropertyOptional({
    type: String,
    maxLength: MAX_PROMPT_LENGTH,
    nullable: true,
    example: 'Answer in one short sentence.',
    description: 'At least one of the two prompts is given and not empty; a lone system prompt goes as the user turn.',
  })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_PROMPT_LENGTH)
  system_prompt?: string | null;

  @ApiPropertyOptional({
    type: String,
    maxLength: MAX_PROMPT_LENGTH,
    nullable: true,
    example: 'Name the capital of France.',
  })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_PROMPT_LENGTH)
  user_prompt?: string | null;

  @ApiPropertyOptional({
    type: String,
    minLength: 1,
    maxLength: 100,
    nullable: true,
    example: 'claude-haiku-5-5',
    description:
      'An id, or an alias such as fast, balanced or best. Default: LLM_DEFAULT_MODEL. Retired ids are answered by the current model of their line, with a warning.',
  })
  @IsOptional()
  @IsString()
  @Length(1, 100)
  model?: string | null;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    default: 4096,
    nullable: true,
    example: 1024,
    description: "Up to the model's limit.",
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  max_tokens?: number | null;

  @ApiPropertyOptional({
    type: Number,
    minimum: 0,
    maximum: 1,
    default: 0.7,
    nullable: true,
    example: 0.7,
    description: 'Taken for old clients, and not sent on: the models refuse it. When given, a warning says so.',
  })
  @IsOptional()
  @IsNumber({ allowInfinity: false, allowNaN: false })
  @Min(0)
  @Max(1)
  temperature?: number | null;

  @ApiPropertyOptional({
    type: Boolean,
    default: true,
    nullable: true,
    example: true,
    description: 'Lets the provider keep a long system prompt for 5 minutes, when there are both prompts.',
  })
  @IsOptional()
  @IsBoolean()
  use_native_caching?: boolean | null;

  @ApiPropertyOptional({
    type: Boolean,
    default: false,
    nullable: true,
    example: false,
    description: 'Answers as Server-Sent Events. Such an answer is not given twice to one Idempotency-Key.',
  })
  @IsOptional()
  @IsBoolean()
  stream?: boolean | null;

  @ApiPropertyOptional({
    type: String,
    format: 'uuid',
    nullable: true,
    example: null,
    description: 'A thought that the call is shown with.',
  })
  @IsOptional()
  @IsUUID()
  thought_tree_id?: string | null;

  @ApiPropertyOptional({
    type: String,
    minLength: 1,
    maxLength: 100,
    nullable: true,
    example: 'evening-report',
    description: "The caller's own name for a series of calls.",
  })
  @IsOptional()
  @IsString()
  @Length(1, 100)
  session_id?: string | null;

  @ApiPropertyOptional({
    type: String,
    format: 'uuid',
    nullable: true,
    example: null,
    description: 'An agent that the call is shown with.',
  })
  @IsOptional()
  @IsUUID()
  agent_id?: string | null;
}

export class GenerateUsage {
  @ApiProperty({
    type: 'integer',
    example: 14,
    description: 'Fresh input; the whole input is the sum of the three input figures.',
  })
  input_tokens!: number;

  @ApiProperty({ type: 'integer', example: 5 })
  output_tokens!: number;

  @ApiProperty({ type: 'integer', example: 0 })
  cache_creation_input_tokens!: number;

  @ApiProperty({ type: 'integer', example: 0 })
  cache_read_input_tokens!: number;

  @ApiProperty({ type: Number, example: 0.0000039 })
  total_cost_usd!: number;

  @ApiProperty({ type: Number, example: 0.0000039 })
  cost_without_cache_usd!: number;
}

export class GenerateResponse {
  @ApiProperty({ type: String, example: 'Paris.' })
  content!: string;

  @ApiProperty({
    type: Boolean,
    example: true,
    description: 'False when the model refused or the answer was cut off; `warnings` says which.',
  })
  success!: boolean;

  @ApiProperty({ type: Boolean, example: false, description: "Whether input was read from the provider's cache." })
  cached!: boolean;

  @ApiProperty({ type: String, example: 'claude-haiku-5-5' })
  model!: string;

  @ApiProperty({ type: String, example: 'anthropic' })
  provider!: string;

  @ApiProperty({ type: String, example: 'end_turn' })
  stop_reason!: string;

  @ApiProperty({ type: String, format: 'uuid', example: '019ab0c4-5d6e-7f80-9123-456789abcdef' })
  interaction_id!: string;

  @ApiProperty({ type: 'integer', example: 640 })
  latency_ms!: number;

  @ApiProperty({ type: [String], example: [] })
  warnings!: string[];

  @ApiProperty({ type: GenerateUsage })
  usage!: GenerateUsage;
}

/** The two forms of the answer. */
export const GENERATED: ApiResponseOptions = {
  description: 'The answer, whole or as it comes.',
  content: {
    'application/json': { schema: { $ref: getSchemaPath(GenerateResponse) } },
    [EVENT_STREAM_TYPE]: {
      schema: { type: 'string' },
      example: 'event: delta\ndata: {"text":"Paris."}\n\n',
    },
  },
};
