var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
import { ApiProperty } from '@nestjs/swagger';
import { IsString, Length } from 'class-validator';
import { ROLES } from '../roles.js';
export const MIN_PASSWORD_LENGTH = 8;
export const MAX_PASSWORD_LENGTH = 200;
export class LoginRequest {
    username;
    password;
}
__decorate([
    ApiProperty({ type: String, minLength: 1, maxLength: 100, example: 'admin' }),
    IsString(),
    Length(1, 100),
    __metadata("design:type", String)
], LoginRequest.prototype, "username", void 0);
__decorate([
    ApiProperty({ type: String, minLength: 1, maxLength: MAX_PASSWORD_LENGTH, example: 'correct horse battery' }),
    IsString(),
    Length(1, MAX_PASSWORD_LENGTH),
    __metadata("design:type", String)
], LoginRequest.prototype, "password", void 0);
export class RefreshRequest {
    refresh_token;
}
__decorate([
    ApiProperty({
        type: String,
        minLength: 1,
        maxLength: 200,
        example: 'nyxr_019ab0c4-5d6e-7f80-9123-456789abcdef_exampleexampleexampleexampleexampleexample0',
    }),
    IsString(),
    Length(1, 200),
    __metadata("design:type", String)
], RefreshRequest.prototype, "refresh_token", void 0);
export class PasswordRequest {
    current_password;
    new_password;
}
__decorate([
    ApiProperty({ type: String, minLength: 1, maxLength: MAX_PASSWORD_LENGTH, example: 'correct horse battery' }),
    IsString(),
    Length(1, MAX_PASSWORD_LENGTH),
    __metadata("design:type", String)
], PasswordRequest.prototype, "current_password", void 0);
__decorate([
    ApiProperty({
        type: String,
        minLength: MIN_PASSWORD_LENGTH,
        maxLength: MAX_PASSWORD_LENGTH,
        example: 'even more correct horse',
    }),
    IsString(),
    Length(MIN_PASSWORD_LENGTH, MAX_PASSWORD_LENGTH),
    __metadata("design:type", String)
], PasswordRequest.prototype, "new_password", void 0);
export class TokenResponse {
    access_token;
    token_type;
    expires_in;
    refresh_token;
    role;
}
__decorate([
    ApiProperty({ type: String, example: 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.c2lnbmF0dXJl' }),
    __metadata("design:type", String)
], TokenResponse.prototype, "access_token", void 0);
__decorate([
    ApiProperty({ type: String, enum: ['Bearer'], example: 'Bearer' }),
    __metadata("design:type", String)
], TokenResponse.prototype, "token_type", void 0);
__decorate([
    ApiProperty({ type: 'integer', example: 900, description: 'Seconds until the access token ends.' }),
    __metadata("design:type", Number)
], TokenResponse.prototype, "expires_in", void 0);
__decorate([
    ApiProperty({
        type: String,
        example: 'nyxr_019ab0c4-5d6e-7f80-9123-456789abcdef_exampleexampleexampleexampleexampleexample0',
        description: 'Good for one exchange at POST /api/v1/auth/refresh, within 30 days of the login.',
    }),
    __metadata("design:type", String)
], TokenResponse.prototype, "refresh_token", void 0);
__decorate([
    ApiProperty({ enum: ROLES, enumName: 'Role', example: 'admin' }),
    __metadata("design:type", String)
], TokenResponse.prototype, "role", void 0);
export class MeResponse {
    id;
    username;
    role;
    kind;
}
__decorate([
    ApiProperty({ type: String, example: '019ab0c4-5d6e-7f80-9123-456789abcdef' }),
    __metadata("design:type", String)
], MeResponse.prototype, "id", void 0);
__decorate([
    ApiProperty({ type: String, example: 'admin' }),
    __metadata("design:type", String)
], MeResponse.prototype, "username", void 0);
__decorate([
    ApiProperty({ enum: ROLES, enumName: 'Role', example: 'admin' }),
    __metadata("design:type", String)
], MeResponse.prototype, "role", void 0);
__decorate([
    ApiProperty({ type: String, enum: ['user', 'api_key'], example: 'user' }),
    __metadata("design:type", String)
], MeResponse.prototype, "kind", void 0);
//# sourceMappingURL=session.dto.js.map