import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, IsNumber, IsOptional, IsString, Length, Max, Min } from 'class-validator';
import { FreeForm } from '../../../http/free-form.decorator.js';
import { IfGiven } from '../../../http/if-given.decorator.js';
import { PageQuery } from '../../../http/page-query.dto.js';
import {
  MAX_CONTENT_LENGTH,
  MEMORY_SCOPES,
  MEMORY_TYPES,
  USUAL_KEEP_DAYS,
  type MemoryScope,
  type MemoryType,
} from '../memory.values.js';

const ID = { type: String, format: 'uuid', example: '019ab0c4-5d6e-7f80-9a1b-2c3d4e5f6a7b' } as const;
const TIME = { type: String, format: 'date-time', example: '2026-11-23T08:00:00.000Z' } as const;
const SCOPE = { enum: MEMORY_SCOPES, enumName: 'MemoryScope', example: 'session' } as const;
const TYPE = { enum: MEMORY_TYPES, enumName: 'MemoryType', example: 'context' } as const;
const KEY = { type: String, minLength: 1, maxLength: 100, example: 'support-desk' } as const;
const CONTENT = { type: String, example: 'The customer wants answers in French.' } as const;

export class MemoryQueryDto extends PageQuery {
  @ApiPropertyOptional({
    type: String,
    minLength: 1,
    maxLength: 1000,
    example: 'french customer',
    description:
      'Only what has these words (a "phrase" in quotation marks, or, -not), the most relevant first. A search has one page: `cursor` is for lists.',
  })
  @IfGiven()
  @IsString()
  @Length(1, 1000)
  q?: string;

  @ApiPropertyOptional({ ...SCOPE })
  @IfGiven()
  @IsIn(MEMORY_SCOPES)
  scope?: MemoryScope;

  @ApiPropertyOptional({ ...KEY, description: 'The agent, the session or the workflow it is of.' })
  @IfGiven()
  @IsString()
  @Length(1, 100)
  scope_key?: string;

  @ApiPropertyOptional({ ...TYPE })
  @IfGiven()
  @IsIn(MEMORY_TYPES)
  type?: MemoryType;
}

export class CreateMemory {
  @ApiProperty({ ...SCOPE, description: 'Who it is for: one agent, session or workflow (thought_tree), or everybody.' })
  @IsIn(MEMORY_SCOPES)
  scope!: MemoryScope;

  @ApiPropertyOptional({ ...KEY, description: 'Which agent, session or workflow; not for the scope global.' })
  @IfGiven()
  @IsString()
  @Length(1, 100)
  scope_key?: string;

  @ApiProperty({ ...TYPE })
  @IsIn(MEMORY_TYPES)
  memory_type!: MemoryType;

  @ApiProperty({ ...CONTENT, minLength: 1, maxLength: MAX_CONTENT_LENGTH })
  @IsString()
  @Length(1, MAX_CONTENT_LENGTH)
  content!: string;

  @FreeForm({ description: 'Anything of yours; at most 16 KB.' })
  metadata?: Record<string, unknown>;

  @ApiPropertyOptional({
    type: Number,
    minimum: 0,
    maximum: 1,
    default: 1,
    description: 'What it is worth to begin with.',
  })
  @IsOptional()
  @IsNumber()
  @Min(0)
  @Max(1)
  relevance?: number;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: 3650,
    default: USUAL_KEEP_DAYS,
    description: 'Days until it is forgotten. Being used keeps it for at least 30 more.',
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(3650)
  keep_days?: number;
}

export class MemoryView {
  @ApiProperty({ ...ID })
  id!: string;

  @ApiProperty({ ...SCOPE })
  scope!: MemoryScope;

  @ApiProperty({ ...KEY, nullable: true, description: 'Null: it is for everybody.' })
  scope_key!: string | null;

  @ApiProperty({ ...TYPE })
  memory_type!: MemoryType;

  @ApiProperty({ ...CONTENT })
  content!: string;

  @ApiProperty({ type: 'object', additionalProperties: true, example: {} })
  metadata!: Record<string, unknown>;

  @ApiProperty({ type: Number, example: 1, description: 'What it was worth to begin with.' })
  relevance!: number;

  @ApiProperty({
    type: Number,
    nullable: true,
    example: 0.82,
    description: 'How relevant it is to the search; null where nothing was searched for.',
  })
  score!: number | null;

  @ApiProperty({ type: String, nullable: true, example: 'dev-admin', description: 'Who wrote it, or for whom.' })
  principal_id!: string | null;

  @ApiProperty({ ...TIME })
  created_at!: string;

  @ApiProperty({ ...TIME, nullable: true, description: 'When a model was last shown it.' })
  last_used_at!: string | null;

  @ApiProperty({ ...TIME, nullable: true })
  expires_at!: string | null;
}

export class MemoryPage {
  @ApiProperty({ type: [MemoryView] })
  items!: MemoryView[];

  @ApiProperty({ type: String, nullable: true, example: null, description: 'The `cursor` of the next page.' })
  next_cursor!: string | null;
}
