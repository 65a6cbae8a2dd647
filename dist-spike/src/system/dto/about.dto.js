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
import { ABOUT } from '../about.js';
import { EXAMPLE_TIME } from './health.dto.js';
export class GreetingDto {
    message;
    version;
    docs;
    health;
}
__decorate([
    ApiProperty({ type: String, example: ABOUT.name }),
    __metadata("design:type", String)
], GreetingDto.prototype, "message", void 0);
__decorate([
    ApiProperty({ type: String, example: ABOUT.version }),
    __metadata("design:type", String)
], GreetingDto.prototype, "version", void 0);
__decorate([
    ApiProperty({ type: String, example: ABOUT.endpoints.docs }),
    __metadata("design:type", String)
], GreetingDto.prototype, "docs", void 0);
__decorate([
    ApiProperty({ type: String, example: ABOUT.endpoints.health }),
    __metadata("design:type", String)
], GreetingDto.prototype, "health", void 0);
export class InfoDto {
    name;
    version;
    description;
    features;
    endpoints;
    timestamp;
}
__decorate([
    ApiProperty({ type: String, example: ABOUT.name }),
    __metadata("design:type", String)
], InfoDto.prototype, "name", void 0);
__decorate([
    ApiProperty({ type: String, example: ABOUT.version }),
    __metadata("design:type", String)
], InfoDto.prototype, "version", void 0);
__decorate([
    ApiProperty({ type: String, example: ABOUT.description }),
    __metadata("design:type", String)
], InfoDto.prototype, "description", void 0);
__decorate([
    ApiProperty({ type: [String], example: ABOUT.features }),
    __metadata("design:type", Array)
], InfoDto.prototype, "features", void 0);
__decorate([
    ApiProperty({ type: 'object', additionalProperties: { type: 'string' }, example: ABOUT.endpoints }),
    __metadata("design:type", Object)
], InfoDto.prototype, "endpoints", void 0);
__decorate([
    ApiProperty({ type: String, format: 'date-time', example: EXAMPLE_TIME }),
    __metadata("design:type", String)
], InfoDto.prototype, "timestamp", void 0);
//# sourceMappingURL=about.dto.js.map