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
import { COMPONENTS_PROPERTY, EXAMPLE_TIME } from './health.dto.js';
export class DatabaseStatusDto {
    status;
    connection_pool;
    last_check;
}
__decorate([
    ApiProperty({ enum: ['connected', 'error'], enumName: 'DatabaseStatus', example: 'connected' }),
    __metadata("design:type", String)
], DatabaseStatusDto.prototype, "status", void 0);
__decorate([
    ApiProperty({ enum: ['healthy', 'exhausted'], enumName: 'ConnectionPoolStatus', example: 'healthy' }),
    __metadata("design:type", String)
], DatabaseStatusDto.prototype, "connection_pool", void 0);
__decorate([
    ApiProperty({ type: String, format: 'date-time', example: EXAMPLE_TIME }),
    __metadata("design:type", String)
], DatabaseStatusDto.prototype, "last_check", void 0);
export class StatusDto {
    timestamp;
    uptime;
    uptime_seconds;
    version;
    environment;
    database;
    components;
}
__decorate([
    ApiProperty({ type: String, format: 'date-time', example: EXAMPLE_TIME }),
    __metadata("design:type", String)
], StatusDto.prototype, "timestamp", void 0);
__decorate([
    ApiProperty({ type: String, description: 'How long this process runs, for people.', example: '1d 2h 3m 4s' }),
    __metadata("design:type", String)
], StatusDto.prototype, "uptime", void 0);
__decorate([
    ApiProperty({ type: 'integer', minimum: 0, example: 93_784 }),
    __metadata("design:type", Number)
], StatusDto.prototype, "uptime_seconds", void 0);
__decorate([
    ApiProperty({ type: String, example: ABOUT.version }),
    __metadata("design:type", String)
], StatusDto.prototype, "version", void 0);
__decorate([
    ApiProperty({ enum: ['development', 'production', 'test'], enumName: 'Environment', example: 'production' }),
    __metadata("design:type", String)
], StatusDto.prototype, "environment", void 0);
__decorate([
    ApiProperty({ type: DatabaseStatusDto }),
    __metadata("design:type", Object)
], StatusDto.prototype, "database", void 0);
__decorate([
    ApiProperty(COMPONENTS_PROPERTY),
    __metadata("design:type", Object)
], StatusDto.prototype, "components", void 0);
//# sourceMappingURL=status.dto.js.map