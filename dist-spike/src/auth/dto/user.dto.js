var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsString, Length, Matches, ValidateIf } from 'class-validator';
import { ROLES } from '../roles.js';
import { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from './session.dto.js';
/** Absent is fine, null is not. */
const IfGiven = () => ValidateIf((_object, value) => value !== undefined);
export class CreateUser {
    username;
    password;
    role;
}
__decorate([
    ApiProperty({ type: String, pattern: '^[A-Za-z0-9._@-]{1,100}$', example: 'grace' }),
    IsString(),
    Matches(/^[A-Za-z0-9._@-]{1,100}$/, { message: 'username must be 1 to 100 of A-Z, a-z, 0-9 and ._@-' }),
    __metadata("design:type", String)
], CreateUser.prototype, "username", void 0);
__decorate([
    ApiProperty({
        type: String,
        minLength: MIN_PASSWORD_LENGTH,
        maxLength: MAX_PASSWORD_LENGTH,
        example: 'correct horse battery',
    }),
    IsString(),
    Length(MIN_PASSWORD_LENGTH, MAX_PASSWORD_LENGTH),
    __metadata("design:type", String)
], CreateUser.prototype, "password", void 0);
__decorate([
    ApiProperty({ enum: ROLES, enumName: 'Role', example: 'operator' }),
    IsIn(ROLES),
    __metadata("design:type", String)
], CreateUser.prototype, "role", void 0);
export class UpdateUser {
    password;
    role;
    is_active;
}
__decorate([
    ApiPropertyOptional({
        type: String,
        minLength: MIN_PASSWORD_LENGTH,
        maxLength: MAX_PASSWORD_LENGTH,
        example: 'correct horse battery',
        description: 'Ends all sessions of the user.',
    }),
    IfGiven(),
    IsString(),
    Length(MIN_PASSWORD_LENGTH, MAX_PASSWORD_LENGTH),
    __metadata("design:type", String)
], UpdateUser.prototype, "password", void 0);
__decorate([
    ApiPropertyOptional({ enum: ROLES, enumName: 'Role', example: 'viewer' }),
    IfGiven(),
    IsIn(ROLES),
    __metadata("design:type", String)
], UpdateUser.prototype, "role", void 0);
__decorate([
    ApiPropertyOptional({ type: Boolean, example: true, description: 'False signs the user out and keeps them out.' }),
    IfGiven(),
    IsBoolean(),
    __metadata("design:type", Boolean)
], UpdateUser.prototype, "is_active", void 0);
export class UserView {
    id;
    username;
    role;
    is_active;
    last_login_at;
    created_at;
    updated_at;
}
__decorate([
    ApiProperty({ type: String, format: 'uuid', example: '019ab0c4-5d6e-7f80-9123-456789abcdef' }),
    __metadata("design:type", String)
], UserView.prototype, "id", void 0);
__decorate([
    ApiProperty({ type: String, example: 'grace' }),
    __metadata("design:type", String)
], UserView.prototype, "username", void 0);
__decorate([
    ApiProperty({ enum: ROLES, enumName: 'Role', example: 'operator' }),
    __metadata("design:type", String)
], UserView.prototype, "role", void 0);
__decorate([
    ApiProperty({ type: Boolean, example: true }),
    __metadata("design:type", Boolean)
], UserView.prototype, "is_active", void 0);
__decorate([
    ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2026-11-23T08:00:00.000Z' }),
    __metadata("design:type", Object)
], UserView.prototype, "last_login_at", void 0);
__decorate([
    ApiProperty({ type: String, format: 'date-time', example: '2026-11-20T10:30:00.000Z' }),
    __metadata("design:type", String)
], UserView.prototype, "created_at", void 0);
__decorate([
    ApiProperty({ type: String, format: 'date-time', example: '2026-11-20T10:30:00.000Z' }),
    __metadata("design:type", String)
], UserView.prototype, "updated_at", void 0);
export class UserPage {
    items;
    next_cursor;
}
__decorate([
    ApiProperty({ type: [UserView] }),
    __metadata("design:type", Array)
], UserPage.prototype, "items", void 0);
__decorate([
    ApiProperty({ type: String, nullable: true, example: null, description: 'The `cursor` of the next page.' }),
    __metadata("design:type", Object)
], UserPage.prototype, "next_cursor", void 0);
//# sourceMappingURL=user.dto.js.map