import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsOptional,
  IsString,
  Length,
  Matches,
  MaxLength,
  ValidateNested,
} from 'class-validator';
import { IfGiven } from '../../http/if-given.decorator.js';
import { PageQuery } from '../../http/page-query.dto.js';
import { toBoolean } from '../../http/to-boolean.js';
import { TEMPLATE_TYPES, VARIABLE_TYPES, type TemplateType, type VariableType } from './prompt-template.values.js';
import { MAX_CONTENT_LENGTH, MAX_VARIABLES, TEMPLATE_NAME } from './template.rules.js';

const NAME = {
  type: String,
  pattern: '^[a-z0-9][a-z0-9._-]{0,99}$',
  maxLength: 100,
  example: 'synthesis.system',
} as const;
const CONTENT = {
  type: String,
  minLength: 1,
  maxLength: MAX_CONTENT_LENGTH,
  example: 'Make one complete answer of at most {{max_words}} words out of the results.',
  description:
    '`{{name}}` stands for the value of a variable. A value is text: what looks like a placeholder in it stays.',
} as const;

export class PromptTemplateQuery extends PageQuery {
  @ApiPropertyOptional({ ...NAME, description: 'The versions of this name.' })
  @IsOptional()
  @Matches(TEMPLATE_NAME, { message: 'must be 1 to 100 of a-z, 0-9 and ._-, a letter or digit first' })
  name?: string;

  @ApiPropertyOptional({ type: Boolean, description: 'Only the active versions, or only the others.' })
  @Transform(toBoolean)
  @IsOptional()
  @IsBoolean()
  active?: boolean;
}

export class TemplateVariableInput {
  @ApiProperty({ type: String, minLength: 1, maxLength: 64, example: 'max_words' })
  @IsString()
  @Length(1, 64)
  name!: string;

  @ApiProperty({
    enum: VARIABLE_TYPES,
    enumName: 'PromptVariableType',
    example: 'number',
    description: 'A list is rendered as lines `- item`, json indented.',
  })
  @IsIn(VARIABLE_TYPES)
  type!: VariableType;

  @ApiPropertyOptional({
    type: Boolean,
    default: true,
    description: 'Without a value a required variable is an error, an optional one nothing.',
  })
  @IfGiven()
  @IsBoolean()
  required?: boolean;

  @ApiPropertyOptional({ type: String, maxLength: 500, example: 'The longest answer, in words.' })
  @IfGiven()
  @IsString()
  @MaxLength(500)
  description?: string;
}

class VersionSettings {
  @ApiPropertyOptional({
    type: [TemplateVariableInput],
    maxItems: MAX_VARIABLES,
    description:
      'Each variable that stands in the content. A name that NYX itself uses has exactly the variables NYX fills; they may then be left out.',
  })
  @IfGiven()
  @IsArray()
  @ArrayMaxSize(MAX_VARIABLES)
  @ValidateNested({ each: true })
  @Type(() => TemplateVariableInput)
  variables?: TemplateVariableInput[];

  @ApiPropertyOptional({
    type: Boolean,
    default: true,
    description: 'Whether the new version is used from now on. false: it waits for `activate`.',
  })
  @IfGiven()
  @IsBoolean()
  activate?: boolean;
}

export class CreatePromptTemplate extends VersionSettings {
  @ApiProperty({ ...NAME, description: 'A new name begins with version 1, a known one gets its next version.' })
  @Matches(TEMPLATE_NAME, { message: 'must be 1 to 100 of a-z, 0-9 and ._-, a letter or digit first' })
  name!: string;

  @ApiProperty({ enum: TEMPLATE_TYPES, enumName: 'PromptTemplateType', example: 'system' })
  @IsIn(TEMPLATE_TYPES)
  template_type!: TemplateType;

  @ApiProperty(CONTENT)
  @IsString()
  @Length(1, MAX_CONTENT_LENGTH)
  content!: string;
}

export class UpdatePromptTemplate extends VersionSettings {
  @ApiPropertyOptional({ enum: TEMPLATE_TYPES, enumName: 'PromptTemplateType', example: 'system' })
  @IfGiven()
  @IsIn(TEMPLATE_TYPES)
  template_type?: TemplateType;

  @ApiPropertyOptional(CONTENT)
  @IfGiven()
  @IsString()
  @Length(1, MAX_CONTENT_LENGTH)
  content?: string;
}

export class TemplateVariableView {
  @ApiProperty({ type: String, example: 'max_words' })
  name!: string;

  @ApiProperty({ enum: VARIABLE_TYPES, enumName: 'PromptVariableType', example: 'number' })
  type!: VariableType;

  @ApiProperty({ type: Boolean, example: true })
  required!: boolean;

  @ApiPropertyOptional({ type: String, example: 'The longest answer, in words.' })
  description?: string;
}

export class PromptTemplateView {
  @ApiProperty({ type: String, format: 'uuid', example: '019ab0c4-5d6e-7f80-9123-456789abcdef' })
  id!: string;

  @ApiProperty({ type: String, example: 'synthesis.system' })
  name!: string;

  @ApiProperty({ type: 'integer', minimum: 1, example: 2 })
  version!: number;

  @ApiProperty({ enum: TEMPLATE_TYPES, enumName: 'PromptTemplateType', example: 'system' })
  template_type!: TemplateType;

  @ApiProperty({
    type: String,
    example: 'Make one complete answer of at most {{max_words}} words out of the results.',
    description: 'In lists the first 1,000 characters.',
  })
  content!: string;

  @ApiProperty({ type: [TemplateVariableView] })
  variables!: TemplateVariableView[];

  @ApiProperty({ type: Boolean, example: true, description: 'Whether it is the version of its name that is used.' })
  is_active!: boolean;

  @ApiProperty({ type: Boolean, example: true, description: 'Whether NYX itself sends prompts of this name.' })
  is_built_in!: boolean;

  @ApiProperty({ type: String, format: 'date-time', example: '2026-11-23T08:00:00.000Z' })
  created_at!: string;

  @ApiProperty({ type: String, format: 'date-time', example: '2026-11-23T08:00:00.000Z' })
  updated_at!: string;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    example: '2026-11-23T08:00:00.000Z',
    description: 'When it last became the active one; null: never.',
  })
  activated_at!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: '019ab0c4-1111-7222-8333-444455556666',
    description: 'Who made it; `nyx`: it came with NYX.',
  })
  created_by!: string | null;

  @ApiProperty({
    type: 'integer',
    minimum: 0,
    example: 120,
    description: 'Model calls made with it whose outcome is known; every attempt counts.',
  })
  usage_count!: number;

  @ApiProperty({
    type: Number,
    minimum: 0,
    maximum: 1,
    nullable: true,
    example: 0.975,
    description: 'The share of those calls that brought what was asked for; null without calls.',
  })
  success_rate!: number | null;
}

export class PromptTemplatePage {
  @ApiProperty({ type: [PromptTemplateView] })
  items!: PromptTemplateView[];

  @ApiProperty({ type: String, nullable: true, example: null, description: 'The `cursor` of the next page.' })
  next_cursor!: string | null;
}
