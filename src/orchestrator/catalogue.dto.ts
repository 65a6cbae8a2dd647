import type { InputTypeEntry } from './workflows/input-types.js';
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
  @ApiProperty({
    type: 'object',
    additionalProperties: {
      type: 'object',
      required: ['name', 'description', 'content_example'],
      properties: {
        name: { type: 'string' },
        description: { type: 'string' },
        content_example: { type: 'object', additionalProperties: true, description: 'A content that is accepted.' },
      },
    },
    example: {
      user_prompt: {
        name: 'user_prompt',
        description: 'What is to be done, in words: {prompt}.',
        content_example: { prompt: 'Name three uses of a paper clip.' },
      },
    },
  })
  input_types!: Record<string, InputTypeEntry>;

  @ApiProperty({ type: 'integer', example: 6 })
  count!: number;

  @ApiProperty({ type: String, format: 'date-time', example: '2026-11-23T08:00:00.000Z' })
  timestamp!: string;
}
