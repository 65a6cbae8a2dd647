import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';

const entries = (name: string, description: string): ApiPropertyOptions => ({
  type: 'object',
  additionalProperties: {
    type: 'object',
    required: ['name', 'description'],
    properties: { name: { type: 'string' }, description: { type: 'string' } },
  },
  example: { [name]: { name, description } },
});

export class StrategyCatalogue {
  @ApiProperty(entries('direct_execution', 'One task agent does the whole task.'))
  strategies!: Record<string, { name: string; description: string }>;

  @ApiProperty({ type: 'integer', example: 3 })
  count!: number;

  @ApiProperty({ type: String, format: 'date-time', example: '2026-11-23T08:00:00.000Z' })
  timestamp!: string;
}

export class InputTypeCatalogue {
  @ApiProperty(entries('user_prompt', 'A prompt: content {prompt}.'))
  input_types!: Record<string, { name: string; description: string }>;

  @ApiProperty({ type: 'integer', example: 2 })
  count!: number;

  @ApiProperty({ type: String, format: 'date-time', example: '2026-11-23T08:00:00.000Z' })
  timestamp!: string;
}
