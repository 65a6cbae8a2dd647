import { ApiProperty } from '@nestjs/swagger';
import { IsString, Length } from 'class-validator';
import { PASSWORD_LENGTH } from '../../config/door-settings.rules.js';
import { type Role, ROLES } from '../roles.js';

const { min: MIN_PASSWORD_LENGTH, max: MAX_PASSWORD_LENGTH } = PASSWORD_LENGTH;

export class LoginRequest {
  @ApiProperty({ type: String, minLength: 1, maxLength: 100, example: 'admin' })
  @IsString()
  @Length(1, 100)
  username!: string;

  @ApiProperty({ type: String, minLength: 1, maxLength: MAX_PASSWORD_LENGTH, example: 'correct horse battery' })
  @IsString()
  @Length(1, MAX_PASSWORD_LENGTH)
  password!: string;
}

export class RefreshRequest {
  @ApiProperty({
    type: String,
    minLength: 1,
    maxLength: 200,
    example: 'nyxr_019ab0c4-5d6e-7f80-9123-456789abcdef_exampleexampleexampleexampleexampleexample0',
  })
  @IsString()
  @Length(1, 200)
  refresh_token!: string;
}

export class PasswordRequest {
  @ApiProperty({ type: String, minLength: 1, maxLength: MAX_PASSWORD_LENGTH, example: 'correct horse battery' })
  @IsString()
  @Length(1, MAX_PASSWORD_LENGTH)
  current_password!: string;

  @ApiProperty({
    type: String,
    minLength: MIN_PASSWORD_LENGTH,
    maxLength: MAX_PASSWORD_LENGTH,
    example: 'even more correct horse',
  })
  @IsString()
  @Length(MIN_PASSWORD_LENGTH, MAX_PASSWORD_LENGTH)
  new_password!: string;
}

export class TokenResponse {
  @ApiProperty({ type: String, example: 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.c2lnbmF0dXJl' })
  access_token!: string;

  @ApiProperty({ type: String, enum: ['Bearer'], example: 'Bearer' })
  token_type!: 'Bearer';

  @ApiProperty({ type: 'integer', example: 900, description: 'Seconds until the access token ends.' })
  expires_in!: number;

  @ApiProperty({
    type: String,
    example: 'nyxr_019ab0c4-5d6e-7f80-9123-456789abcdef_exampleexampleexampleexampleexampleexample0',
    description: 'Good for one exchange at POST /api/v1/auth/refresh, within 30 days of the login.',
  })
  refresh_token!: string;

  @ApiProperty({ enum: ROLES, enumName: 'Role', example: 'admin' })
  role!: Role;
}

export class MeResponse {
  @ApiProperty({ type: String, example: '019ab0c4-5d6e-7f80-9123-456789abcdef' })
  id!: string;

  @ApiProperty({ type: String, example: 'admin' })
  username!: string;

  @ApiProperty({ enum: ROLES, enumName: 'Role', example: 'admin' })
  role!: Role;

  @ApiProperty({ type: String, enum: ['user', 'api_key'], example: 'user' })
  kind!: 'user' | 'api_key';
}
