import { ApiProperty } from '@nestjs/swagger';
import { ABOUT } from '../about.js';
import { EXAMPLE_TIME } from './health.dto.js';

export class GreetingDto {
  @ApiProperty({ type: String, example: ABOUT.name })
  message!: string;

  @ApiProperty({ type: String, example: ABOUT.version })
  version!: string;

  @ApiProperty({ type: String, example: ABOUT.endpoints.docs })
  docs!: string;

  @ApiProperty({ type: String, example: ABOUT.endpoints.health })
  health!: string;
}

export class InfoDto {
  @ApiProperty({ type: String, example: ABOUT.name })
  name!: string;

  @ApiProperty({ type: String, example: ABOUT.version })
  version!: string;

  @ApiProperty({ type: String, example: ABOUT.description })
  description!: string;

  @ApiProperty({ type: [String], example: ABOUT.features })
  features!: readonly string[];

  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' }, example: ABOUT.endpoints })
  endpoints!: Readonly<Record<string, string>>;

  @ApiProperty({ type: String, format: 'date-time', example: EXAMPLE_TIME })
  timestamp!: string;
}
