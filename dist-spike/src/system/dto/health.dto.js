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
import { ABOUT } from '../about.js';
import { OVERALL_STATUSES } from '../health.rules.js';
export const EXAMPLE_TIME = '2026-11-23T08:00:00.000Z';
export const EXAMPLE_COMPONENTS = {
    database: { status: 'healthy', connection: 'connected', latency_ms: 0.42 },
    system: { status: 'healthy', response_time_ms: 0.08 },
    llm: { status: 'healthy', provider: 'offline' },
    durable: { status: 'healthy', running: true, lease: true, executor_id: '0b4d8f6e-2f0c-4d65-9f0e-5a1f6f1f3c11' },
    engine: { status: 'not_initialized', running: false },
    sandbox: { status: 'unavailable', reason: 'This version has no sandbox, and no tool that needs one.' },
};
const componentSchema = {
    type: 'object',
    required: ['status'],
    properties: { status: { type: 'string' } },
    additionalProperties: true,
};
export const COMPONENTS_PROPERTY = {
    type: 'object',
    additionalProperties: componentSchema,
    description: 'Each part by its name, with how it is and what it has to say.',
    example: EXAMPLE_COMPONENTS,
};
export class BriefHealthDto {
    status;
    version;
    service;
    timestamp;
}
__decorate([
    ApiProperty({ enum: OVERALL_STATUSES, enumName: 'OverallStatus', example: 'healthy' }),
    __metadata("design:type", String)
], BriefHealthDto.prototype, "status", void 0);
__decorate([
    ApiProperty({ type: String, example: ABOUT.version }),
    __metadata("design:type", String)
], BriefHealthDto.prototype, "version", void 0);
__decorate([
    ApiProperty({ type: String, example: ABOUT.service }),
    __metadata("design:type", String)
], BriefHealthDto.prototype, "service", void 0);
__decorate([
    ApiProperty({ type: String, format: 'date-time', example: EXAMPLE_TIME }),
    __metadata("design:type", String)
], BriefHealthDto.prototype, "timestamp", void 0);
export class HealthDto extends BriefHealthDto {
    database;
    components;
    error;
}
__decorate([
    ApiProperty({ enum: ['connected', 'disconnected'], enumName: 'DatabaseConnection', example: 'connected' }),
    __metadata("design:type", String)
], HealthDto.prototype, "database", void 0);
__decorate([
    ApiProperty(COMPONENTS_PROPERTY),
    __metadata("design:type", Object)
], HealthDto.prototype, "components", void 0);
__decorate([
    ApiPropertyOptional({ type: String, description: 'What is wrong, in one sentence; absent when all is well.' }),
    __metadata("design:type", Object)
], HealthDto.prototype, "error", void 0);
export class LivenessDto {
    status;
}
__decorate([
    ApiProperty({ enum: ['alive'], enumName: 'Liveness', example: 'alive' }),
    __metadata("design:type", String)
], LivenessDto.prototype, "status", void 0);
export class ReadinessDto {
    status;
    timestamp;
}
__decorate([
    ApiProperty({ enum: ['ready', 'not_ready'], enumName: 'Readiness', example: 'ready' }),
    __metadata("design:type", String)
], ReadinessDto.prototype, "status", void 0);
__decorate([
    ApiProperty({ type: String, format: 'date-time', example: EXAMPLE_TIME }),
    __metadata("design:type", String)
], ReadinessDto.prototype, "timestamp", void 0);
//# sourceMappingURL=health.dto.js.map