var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
import { Controller, Get, UseInterceptors } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import { Requires } from '../auth/access.decorators.js';
import { AboutService } from './about.service.js';
import { InfoDto } from './dto/about.dto.js';
import { HealthDto } from './dto/health.dto.js';
import { StatusDto } from './dto/status.dto.js';
import { HealthService } from './health.service.js';
import { UnhealthyStatus } from './unhealthy-status.interceptor.js';
let SystemController = class SystemController {
    about;
    health;
    constructor(about, health) {
        this.about = about;
        this.health = health;
    }
    getSystemHealth() {
        return this.health.report();
    }
    getSystemStatus() {
        return this.health.status();
    }
    getSystemInfo() {
        return this.about.info();
    }
};
__decorate([
    Get('health'),
    UseInterceptors(UnhealthyStatus),
    ApiOperation({ summary: 'How NYX is, part by part: 503 when it is unhealthy.' }),
    ApiOkResponse({ type: HealthDto }),
    ApiServiceUnavailableResponse({ type: HealthDto, description: 'Unhealthy.' }),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", []),
    __metadata("design:returntype", Promise)
], SystemController.prototype, "getSystemHealth", null);
__decorate([
    Get('status'),
    ApiOperation({ summary: 'Uptime, environment and the state of every part.' }),
    ApiOkResponse({ type: StatusDto }),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", []),
    __metadata("design:returntype", Promise)
], SystemController.prototype, "getSystemStatus", null);
__decorate([
    Get('info'),
    ApiOperation({ summary: 'Name, version, features and where things are.' }),
    ApiOkResponse({ type: InfoDto }),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", []),
    __metadata("design:returntype", Object)
], SystemController.prototype, "getSystemInfo", null);
SystemController = __decorate([
    ApiTags('system'),
    Requires('viewer'),
    Controller('api/v1/system'),
    __metadata("design:paramtypes", [AboutService,
        HealthService])
], SystemController);
export { SystemController };
//# sourceMappingURL=system.controller.js.map