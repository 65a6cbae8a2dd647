import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Allow, IsBoolean, IsOptional } from 'class-validator';
import { CONFIG_TYPES, type ConfigType } from '../../settings/system-config.values.js';
import { EXAMPLE_TIME } from './health.dto.js';

const VALUE = {
  oneOf: [{ type: 'boolean' }, { type: 'number', nullable: true }],
  description: 'A flag, a number, or null for no limit.',
};

export class ConfigItem {
  @ApiProperty({ type: String, example: 'budget_system_day_usd' })
  config_key!: string;

  @ApiProperty({ ...VALUE, example: 50 })
  config_value!: boolean | number | null;

  @ApiProperty({ enum: CONFIG_TYPES, enumName: 'ConfigType', example: 'limit' })
  config_type!: ConfigType;

  @ApiProperty({ type: String, example: 'What everything may cost in a day (UTC), in USD; null is no limit.' })
  description!: string;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'When it was last changed; null while the default of the deployment holds.',
    example: EXAMPLE_TIME,
  })
  updated_at!: string | null;

  @ApiProperty({ type: Boolean, example: false })
  is_default!: boolean;
}

export class ConfigList {
  @ApiProperty({ type: [ConfigItem] })
  items!: ConfigItem[];
}

export class ChangeConfig {
  @ApiProperty({ ...VALUE, example: 25.5 })
  @Allow()
  config_value!: boolean | number | null;

  @ApiPropertyOptional({
    type: Boolean,
    default: false,
    description:
      'Only with `llm_enabled` set to false: also aborts the model calls that are in flight, on every replica.',
  })
  @IsOptional()
  @IsBoolean()
  abort_in_flight?: boolean;
}
