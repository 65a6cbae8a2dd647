import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, type TransformFnParams } from 'class-transformer';
import { IsIn, IsOptional } from 'class-validator';
import { FreeForm } from '../../../http/free-form.decorator.js';
import { INPUT_TYPES, PRIORITIES, URGENCIES, type InputType, type Priority, type Urgency } from '../workflow.values.js';

/** Words that old clients send, and the nulls of those that send every member. */
const readAs =
  (alias: string, meaning: string) =>
  ({ value }: TransformFnParams): unknown =>
    value === alias ? meaning : ((value as unknown) ?? undefined);

export class ExecuteWorkflow {
  @ApiProperty({ enum: INPUT_TYPES, enumName: 'InputType', example: 'user_prompt' })
  @IsIn(INPUT_TYPES)
  input_type!: InputType;

  @FreeForm({
    required: true,
    description: 'What is to be done; its members depend on the input type. Up to 200,000 characters of text.',
    example: { prompt: 'Name three uses of a paper clip.' },
  })
  content!: Record<string, unknown>;

  @FreeForm({
    description:
      'Limits and settings: `resource_limits`, `quality_settings`, `execution_preferences`. ' +
      '`execution_preferences.tools` names the tools that its agents may use: none with an empty list; ' +
      'without it those that only read or write the workspace. ' +
      '`execution_preferences.parallelization` says how many of `resource_limits.max_concurrent_agents` work at once: ' +
      'aggressive all, balanced half but not fewer than 8, conservative a quarter but not fewer than 2. ' +
      'A member of these three that is not known changes nothing, and a warning in `metadata.warnings` names it.',
    example: { resource_limits: { max_cost_usd: 0.5, max_subtasks: 4 } },
  })
  execution_context?: Record<string, unknown>;

  @FreeForm({ description: 'Facts of the field the work is in; they reach the prompts.' })
  domain_context?: Record<string, unknown>;

  @FreeForm({ description: 'Facts of the user the work is for; they reach the prompts.' })
  user_context?: Record<string, unknown>;

  @FreeForm({ description: 'What happened before; it reaches the prompts.' })
  historical_context?: Record<string, unknown>;

  @ApiPropertyOptional({
    enum: PRIORITIES,
    enumName: 'Priority',
    default: 'medium',
    description: '`normal` is read as medium.',
  })
  @Transform(readAs('normal', 'medium'))
  @IsOptional()
  @IsIn(PRIORITIES)
  priority?: Priority;

  @ApiPropertyOptional({
    enum: URGENCIES,
    enumName: 'Urgency',
    default: 'normal',
    description: '`urgent` is read as high.',
  })
  @Transform(readAs('urgent', 'high'))
  @IsOptional()
  @IsIn(URGENCIES)
  urgency?: Urgency;
}
