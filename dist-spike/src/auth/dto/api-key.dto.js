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
import { IsIn, IsOptional, IsString, Length } from 'class-validator';
import { IsTimestamp } from '../../http/is-timestamp.decorator.js';
import { ROLES } from '../roles.js';
export class CreateApiKey {
    name;
    role;
    expires_at;
}
__decorate([
    ApiProperty({ type: String, minLength: 1, maxLength: 100, example: 'nightly reports' }),
    IsString(),
    Length(1, 100),
    __metadata("design:type", String)
], CreateApiKey.prototype, "name", void 0);
__decorate([
    ApiProperty({ enum: ROLES, enumName: 'Role', example: 'operator' }),
    IsIn(ROLES),
    __metadata("design:type", String)
], CreateApiKey.prototype, "role", void 0);
__decorate([
    ApiPropertyOptional({ type: String, format: 'date-time', example: '2027-11-23T00:00:00Z' }),
    IsOptional(),
    IsTimestamp(),
    __metadata("design:type", String)
], CreateApiKey.prototype, "expires_at", void 0);
export class ApiKeyView {
    id;
    name;
    prefix;
    role;
    created_by;
    created_at;
    expires_at;
    last_used_at;
}
__decorate([
    ApiProperty({ type: String, format: 'uuid', example: '019ab0c4-5d6e-7f80-9123-456789abcdef' }),
    __metadata("design:type", String)
], ApiKeyView.prototype, "id", void 0);
__decorate([
    ApiProperty({ type: String, example: 'nightly reports' }),
    __metadata("design:type", String)
], ApiKeyView.prototype, "name", void 0);
__decorate([
    ApiProperty({ type: String, example: 'nyx_Zk3vQ8aB', description: 'The first characters, to recognise it by.' }),
    __metadata("design:type", String)
], ApiKeyView.prototype, "prefix", void 0);
__decorate([
    ApiProperty({ enum: ROLES, enumName: 'Role', example: 'operator' }),
    __metadata("design:type", String)
], ApiKeyView.prototype, "role", void 0);
__decorate([
    ApiProperty({ type: String, format: 'uuid', nullable: true, example: '019ab0c4-1111-7222-8333-444455556666' }),
    __metadata("design:type", Object)
], ApiKeyView.prototype, "created_by", void 0);
__decorate([
    ApiProperty({ type: String, format: 'date-time', example: '2026-11-23T08:00:00.000Z' }),
    __metadata("design:type", String)
], ApiKeyView.prototype, "created_at", void 0);
__decorate([
    ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2027-11-23T00:00:00.000Z' }),
    __metadata("design:type", Object)
], ApiKeyView.prototype, "expires_at", void 0);
__decorate([
    ApiProperty({
        type: String,
        format: 'date-time',
        nullable: true,
        example: null,
        description: 'When it was last used, to the minute.',
    }),
    __metadata("design:type", Object)
], ApiKeyView.prototype, "last_used_at", void 0);
export class CreatedApiKey extends ApiKeyView {
    key;
}
__decorate([
    ApiProperty({
        type: String,
        example: 'nyx_Zk3vQ8aBexampleexampleexampleexampleexample',
        description: 'The key itself. It is shown this once.',
    }),
    __metadata("design:type", String)
], CreatedApiKey.prototype, "key", void 0);
export class ApiKeyPage {
    items;
    next_cursor;
}
__decorate([
    ApiProperty({ type: [ApiKeyView] }),
    __metadata("design:type", Array)
], ApiKeyPage.prototype, "items", void 0);
__decorate([
    ApiProperty({ type: String, nullable: true, example: null, description: 'The `cursor` of the next page.' }),
    __metadata("design:type", Object)
], ApiKeyPage.prototype, "next_cursor", void 0);
//# sourceMappingURL=api-key.dto.js.map