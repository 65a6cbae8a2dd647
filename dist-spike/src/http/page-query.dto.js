var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
/** Digits become a number; everything else stays as it is and fails the number's own rules. */
export const toInteger = ({ value }) => typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
export class LimitQuery {
    limit = 20;
}
__decorate([
    ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 200, default: 20, description: 'Items on a page.' }),
    Transform(toInteger),
    IsOptional(),
    IsInt(),
    Min(1),
    Max(200),
    __metadata("design:type", Object)
], LimitQuery.prototype, "limit", void 0);
/** What every list takes: newest first, a page at a time. */
export class PageQuery extends LimitQuery {
    cursor;
}
__decorate([
    ApiPropertyOptional({ type: String, description: 'The `next_cursor` of the page before.', maxLength: 200 }),
    IsOptional(),
    IsString(),
    MaxLength(200),
    __metadata("design:type", String)
], PageQuery.prototype, "cursor", void 0);
/** What lists with a position instead of a cursor take. */
export class OffsetQuery extends LimitQuery {
    offset = 0;
}
__decorate([
    ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: 1_000_000, default: 0, description: 'Items to skip.' }),
    Transform(toInteger),
    IsOptional(),
    IsInt(),
    Min(0),
    Max(1_000_000),
    __metadata("design:type", Object)
], OffsetQuery.prototype, "offset", void 0);
//# sourceMappingURL=page-query.dto.js.map