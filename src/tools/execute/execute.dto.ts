import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString, IsUUID, Length } from 'class-validator';
import { FreeForm } from '../../http/free-form.decorator.js';
import { OUTPUT_PROPERTY, OUTPUT_TEXT_PROPERTY } from '../dto/output-properties.js';

const NAME = { type: String, minLength: 1, maxLength: 100, example: 'file_operations' } as const;
const ID = { type: String, format: 'uuid', nullable: true, example: null } as const;

/** Of the second form, which has the parameters as its body. */
export class ExecuteQuery {
  @ApiPropertyOptional({ ...NAME, description: 'When it stands here, the whole body is the parameters.' })
  @IsOptional()
  @IsString()
  @Length(1, 100)
  tool_name?: string;

  @ApiPropertyOptional({ type: String, format: 'uuid', description: 'Only beside tool_name.' })
  @IsOptional()
  @IsUUID()
  agent_id?: string;

  @ApiPropertyOptional({ type: String, format: 'uuid', description: 'Only beside tool_name.' })
  @IsOptional()
  @IsUUID()
  thought_tree_id?: string;
}

export class ExecuteRequest {
  @ApiProperty(NAME)
  @IsString()
  @Length(1, 100)
  tool_name!: string;

  @FreeForm({
    required: true,
    description: 'What the tool’s `parameters_schema` describes.',
    example: { operation: 'read_file', path: 'notes.md' },
  })
  parameters!: Readonly<Record<string, unknown>>;

  @ApiPropertyOptional({ ...ID, description: 'An agent that the run is shown with.' })
  @IsOptional()
  @IsUUID()
  agent_id?: string | null;

  @ApiPropertyOptional({ ...ID, description: 'A thought that the run is shown with.' })
  @IsOptional()
  @IsUUID()
  thought_tree_id?: string | null;
}

export class ExecuteResponse {
  @ApiProperty({
    type: Boolean,
    example: true,
    description: 'False: the tool ran, and what it was asked for did not happen.',
  })
  success!: boolean;

  @ApiProperty({
    ...OUTPUT_PROPERTY,
    description: 'At most 1 MiB of JSON; `metadata` says what was cut.',
  })
  output!: unknown;

  @ApiProperty({ type: String, nullable: true, example: null })
  error_message!: string | null;

  @ApiProperty({ type: 'integer', minimum: 0, example: 12 })
  execution_time_ms!: number;

  @ApiProperty({ type: 'object', additionalProperties: true, example: {} })
  metadata!: Readonly<Record<string, unknown>>;

  @ApiProperty(OUTPUT_TEXT_PROPERTY)
  stdout!: string | null;

  @ApiProperty(OUTPUT_TEXT_PROPERTY)
  stderr!: string | null;

  @ApiProperty({ type: String, format: 'uuid', example: '019ab0c4-5d6e-7f80-9123-456789abcdef' })
  execution_id!: string;
}
