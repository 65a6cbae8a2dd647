import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { Plain } from '../../http/plain.js';
import { TOOL_RISKS, type ToolRisk } from '../tool.js';

export class AvailableToolDto {
  @ApiProperty({ type: String })
  name!: string;

  @ApiProperty({ type: String })
  description!: string;

  @ApiProperty({ type: [String], description: 'Values of the parameter `operation`; empty when it does one thing.' })
  operations!: readonly string[];

  @ApiProperty({ type: 'object', additionalProperties: true, description: 'JSON Schema of the parameters.' })
  parameters_schema!: Readonly<Record<string, unknown>>;

  @ApiProperty({ enum: TOOL_RISKS, enumName: 'ToolRisk' })
  risk!: ToolRisk;

  @ApiProperty({ type: Boolean, description: 'Whether it can be used here and now.' })
  available!: boolean;

  @ApiPropertyOptional({ type: String, description: 'Why it cannot be used.' })
  reason?: string;
}

export class AvailableToolsDto {
  @ApiProperty({ type: [AvailableToolDto], example: [] })
  tools!: Plain<AvailableToolDto>[];
}
