import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsString, Length, Matches } from 'class-validator';
import { PASSWORD_LENGTH } from '../../config/door-settings.rules.js';
import { IfGiven } from '../../http/if-given.decorator.js';
import { type Role, ROLES } from '../roles.js';

const { min: MIN_PASSWORD_LENGTH, max: MAX_PASSWORD_LENGTH } = PASSWORD_LENGTH;

export class CreateUser {
  @ApiProperty({ type: String, pattern: '^[A-Za-z0-9._@-]{1,100}$', example: 'grace' })
  @IsString()
  @Matches(/^[A-Za-z0-9._@-]{1,100}$/, { message: 'username must be 1 to 100 of A-Z, a-z, 0-9 and ._@-' })
  username!: string;

  @ApiProperty({
    type: String,
    minLength: MIN_PASSWORD_LENGTH,
    maxLength: MAX_PASSWORD_LENGTH,
    example: 'correct horse battery',
  })
  @IsString()
  @Length(MIN_PASSWORD_LENGTH, MAX_PASSWORD_LENGTH)
  password!: string;

  @ApiProperty({ enum: ROLES, enumName: 'Role', example: 'operator' })
  @IsIn(ROLES)
  role!: Role;
}

export class UpdateUser {
  @ApiPropertyOptional({
    type: String,
    minLength: MIN_PASSWORD_LENGTH,
    maxLength: MAX_PASSWORD_LENGTH,
    example: 'correct horse battery',
    description: 'Ends all sessions of the user.',
  })
  @IfGiven()
  @IsString()
  @Length(MIN_PASSWORD_LENGTH, MAX_PASSWORD_LENGTH)
  password?: string;

  @ApiPropertyOptional({ enum: ROLES, enumName: 'Role', example: 'viewer' })
  @IfGiven()
  @IsIn(ROLES)
  role?: Role;

  @ApiPropertyOptional({ type: Boolean, example: true, description: 'False signs the user out and keeps them out.' })
  @IfGiven()
  @IsBoolean()
  is_active?: boolean;
}

export class UserView {
  @ApiProperty({ type: String, format: 'uuid', example: '019ab0c4-5d6e-7f80-9123-456789abcdef' })
  id!: string;

  @ApiProperty({ type: String, example: 'grace' })
  username!: string;

  @ApiProperty({ enum: ROLES, enumName: 'Role', example: 'operator' })
  role!: Role;

  @ApiProperty({ type: Boolean, example: true })
  is_active!: boolean;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2026-11-23T08:00:00.000Z' })
  last_login_at!: string | null;

  @ApiProperty({ type: String, format: 'date-time', example: '2026-11-20T10:30:00.000Z' })
  created_at!: string;

  @ApiProperty({ type: String, format: 'date-time', example: '2026-11-20T10:30:00.000Z' })
  updated_at!: string;
}

export class UserPage {
  @ApiProperty({ type: [UserView] })
  items!: UserView[];

  @ApiProperty({ type: String, nullable: true, example: null, description: 'The `cursor` of the next page.' })
  next_cursor!: string | null;
}
