import { ApiProperty, ApiPropertyOptional, PartialType } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsString,
  Length,
  Matches,
  Max,
  Min,
  ValidateBy,
  ValidateNested,
} from 'class-validator';
import { FreeForm } from '../../../http/free-form.decorator.js';
import { IfGiven } from '../../../http/if-given.decorator.js';
import { IsTemplateReference, type TemplateReference } from '../../workflow-templates/template-reference.decorator.js';
import {
  CONDITION_OPERATORS,
  CONDITION_PATH,
  MAX_CONDITIONS,
  type Condition,
  type Scalar,
} from '../condition.rules.js';

const ID = { type: String, format: 'uuid', example: '019ab0c4-5d6e-7f80-9123-456789abcdef' } as const;
const TIME = { type: String, format: 'date-time', example: '2026-11-23T08:00:00.000Z' } as const;
const NAME = { type: String, minLength: 1, maxLength: 200, example: 'Builds that fail' } as const;
const EVENT_TYPE = { type: String, minLength: 1, maxLength: 200, example: 'build.failed' } as const;
const SOURCE = {
  type: String,
  minLength: 1,
  maxLength: 200,
  example: 'ci',
  description: 'The source of the events, or `*` for all.',
} as const;
const DEBOUNCE = {
  type: 'integer',
  minimum: 0,
  maximum: 86_400,
  example: 60,
  description: 'For so many seconds after a fire, events that match start nothing and are counted.',
} as const;
const MAX_VALUE_LENGTH = 1000;

const isScalar = (value: unknown): boolean =>
  value === null ||
  ['number', 'boolean'].includes(typeof value) ||
  (typeof value === 'string' && value.length <= MAX_VALUE_LENGTH);

export class TriggerCondition implements Condition {
  @ApiProperty({
    type: String,
    minLength: 1,
    maxLength: 649,
    example: 'build.duration',
    description: 'A member of the details: up to ten names with dots between them; places in lists are numbers.',
  })
  @IsString()
  @Matches(CONDITION_PATH, {
    message: 'must be 1 to 10 names with dots between them, each 1 to 64 characters long and without spaces',
  })
  path!: string;

  @ApiProperty({
    enum: CONDITION_OPERATORS,
    enumName: 'ConditionOperator',
    example: 'gt',
    description: '`contains`: a text in a text, or an item of a list. `exists`: `value` false asks for its absence.',
  })
  @IsIn(CONDITION_OPERATORS)
  operator!: Condition['operator'];

  @ApiPropertyOptional({
    oneOf: [{ type: 'number' }, { type: 'string', maxLength: MAX_VALUE_LENGTH }, { type: 'boolean' }],
    nullable: true,
    example: 600,
    description: 'Compared without conversion: `1` is not `"1"`.',
  })
  @IfGiven()
  @ValidateBy({
    name: 'isScalar',
    validator: { validate: isScalar, defaultMessage: () => 'value must be a number, a text, true, false or null' },
  })
  value?: Scalar;
}

export class CreateTrigger {
  @ApiPropertyOptional({ ...NAME, description: 'Default: the type of the events.' })
  @IfGiven()
  @IsString()
  @Length(1, 200)
  name?: string;

  @ApiProperty(EVENT_TYPE)
  @IsString()
  @Length(1, 200)
  event_type!: string;

  @ApiPropertyOptional({ ...SOURCE, default: '*' })
  @IfGiven()
  @IsString()
  @Length(1, 200)
  source?: string;

  @ApiPropertyOptional({ type: [TriggerCondition], maxItems: MAX_CONDITIONS, description: 'All must hold.' })
  @IfGiven()
  @IsArray()
  @ArrayMaxSize(MAX_CONDITIONS)
  @ValidateNested({ each: true })
  @Type(() => TriggerCondition)
  conditions?: TriggerCondition[];

  @ApiPropertyOptional({ ...DEBOUNCE, default: 0 })
  @IfGiven()
  @IsInt()
  @Min(0)
  @Max(86_400)
  debounce_seconds?: number;

  @IsTemplateReference({ required: true })
  workflow_template!: TemplateReference;

  @FreeForm({
    description:
      'What fills the `{{name}}` of the template. `{{event.type}}`, `{{event.source}}` and `{{event.details.…}}` stand for the event, here and in the template.',
    example: { room: '{{event.source}}' },
  })
  parameters?: Record<string, unknown>;

  @ApiPropertyOptional({ type: Boolean, default: true, example: true })
  @IfGiven()
  @IsBoolean()
  enabled?: boolean;
}

export class UpdateTrigger extends PartialType(CreateTrigger, { skipNullProperties: false }) {}

export class TriggerView {
  @ApiProperty(ID)
  id!: string;

  @ApiProperty(NAME)
  name!: string;

  @ApiProperty({
    type: String,
    example: '019ab0c4-1111-7222-8333-444455556666',
    description:
      'Its owner, who its workflows belong to: an id, or `deployment` for the key that the deployment fixed.',
  })
  principal_id!: string;

  @ApiProperty(EVENT_TYPE)
  event_type!: string;

  @ApiProperty(SOURCE)
  source!: string;

  @ApiProperty({ type: [TriggerCondition] })
  conditions!: TriggerCondition[];

  @ApiProperty(DEBOUNCE)
  debounce_seconds!: number;

  @ApiProperty({
    oneOf: [{ type: 'string' }, { type: 'object', additionalProperties: true }],
    example: 'look-into-it',
    description: 'The name of a stored template, or a request.',
  })
  workflow_template!: TemplateReference;

  @ApiProperty({ type: 'object', additionalProperties: true, example: { room: '{{event.source}}' } })
  parameters!: Record<string, unknown>;

  @ApiProperty({ type: Boolean, example: true })
  enabled!: boolean;

  @ApiProperty({ type: 'integer', minimum: 0, example: 3, description: 'Workflows it started.' })
  fired_count!: number;

  @ApiProperty({ type: 'integer', minimum: 0, example: 12, description: 'Events that the debounce swallowed.' })
  swallowed_count!: number;

  @ApiProperty({ ...TIME, nullable: true })
  last_fired_at!: string | null;

  @ApiProperty({ ...ID, nullable: true })
  last_workflow_id!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description: 'Why the last event that matched started no workflow; null when it did.',
  })
  last_error!: string | null;

  @ApiProperty({ ...TIME, nullable: true, example: null })
  last_error_at!: string | null;

  @ApiProperty(TIME)
  created_at!: string;

  @ApiProperty(TIME)
  updated_at!: string;
}

export class TriggerPage {
  @ApiProperty({ type: [TriggerView] })
  items!: TriggerView[];

  @ApiProperty({ type: String, nullable: true, example: null, description: 'The `cursor` of the next page.' })
  next_cursor!: string | null;
}
