import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, Length } from 'class-validator';
import { IsTimestamp } from '../../http/is-timestamp.decorator.js';
import { type Role, ROLES } from '../roles.js';

export class CreateApiKey {
  @ApiProperty({ type: String, minLength: 1, maxLength: 100, example: 'nightly reports' })
  @IsString()
  @Length(1, 100)
  name!: string;

  @ApiProperty({ enum: ROLES, enumName: 'Role', example: 'operator' })
  @IsIn(ROLES)
  role!: Role;

  @ApiPropertyOptional({ type: String, format: 'date-time', example: '2027-11-23T00:00:00Z' })
  @IsOptional()
  @IsTimestamp()
  expires_at?: string;
}

export class ApiKeyView {
  @ApiProperty({ type: String, format: 'uuid', example: '019ab0c4-5d6e-7f80-9123-456789abcdef' })
  id!: string;

  @ApiProperty({ type: String, example: 'nightly reports' })
  name!: string;

  @ApiProperty({ type: String, example: 'nyx_Zk3vQ8aB', description: 'The first characters, to recognise it by.' })
  prefix!: string;

  @ApiProperty({ enum: ROLES, enumName: 'Role', example: 'operator' })
  role!: Role;

  @ApiProperty({ type: String, format: 'uuid', nullable: true, example: '019ab0c4-1111-7222-8333-444455556666' })
  created_by!: string | null;

  @ApiProperty({ type: String, format: 'date-time', example: '2026-11-23T08:00:00.000Z' })
  created_at!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2027-11-23T00:00:00.000Z' })
  expires_at!: string | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    example: null,
    description: 'When it was last used, to the minute.',
  })
  last_used_at!: string | null;
}

export class CreatedApiKey extends ApiKeyView {
  @ApiProperty({
    type: String,
    example: 'nyx_Zk3vQ8aBexampleexampleexampleexampleexample',
    description: 'The key itself. It is shown this once.',
  })
  key!: string;
}

export class ApiKeyPage {
  @ApiProperty({ type: [ApiKeyView] })
  items!: ApiKeyView[];

  @ApiProperty({ type: String, nullable: true, example: null, description: 'The `cursor` of the next page.' })
  next_cursor!: string | null;
}
