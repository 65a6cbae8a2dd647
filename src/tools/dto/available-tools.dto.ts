import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { Plain } from '../../http/plain.js';
import { TOOL_RISKS, type ToolRisk } from '../tool.js';

export class AvailableToolDto {
  @ApiProperty({ type: String, example: 'file_operations' })
  name!: string;

  @ApiProperty({ type: String, example: 'Reads and writes files of the workspace.' })
  description!: string;

  @ApiProperty({
    type: [String],
    description: 'Values of the parameter `operation`; empty when it does one thing.',
    example: ['read', 'write'],
  })
  operations!: readonly string[];

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    description: 'JSON Schema of the parameters.',
    example: {
      type: 'object',
      required: ['operation', 'path'],
      properties: { operation: { enum: ['read', 'write'] }, path: { type: 'string' } },
    },
  })
  parameters_schema!: Readonly<Record<string, unknown>>;

  @ApiProperty({ enum: TOOL_RISKS, enumName: 'ToolRisk', example: 'write' })
  risk!: ToolRisk;

  @ApiProperty({ type: Boolean, description: 'Whether it can be used here and now.', example: false })
  available!: boolean;

  @ApiPropertyOptional({
    type: String,
    description: 'Why it cannot be used.',
    example: 'The workspace cannot be written.',
  })
  reason?: string;
}

export class AvailableToolsDto {
  @ApiProperty({ type: [AvailableToolDto], example: [] })
  tools!: Plain<AvailableToolDto>[];
}
