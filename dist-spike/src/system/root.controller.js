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
import { Public } from '../auth/access.decorators.js';
import { AboutService } from './about.service.js';
import { GreetingDto } from './dto/about.dto.js';
import { BriefHealthDto, LivenessDto, ReadinessDto } from './dto/health.dto.js';
import { HealthService } from './health.service.js';
import { UnhealthyStatus } from './unhealthy-status.interceptor.js';
let RootController = class RootController {
    about;
    health;
    constructor(about, health) {
        this.about = about;
        this.health = health;
    }
    getRoot() {
        return this.about.greeting();
    }
    getHealth() {
        return this.health.brief();
    }
    getLiveness() {
        return { status: 'alive' };
    }
    getReadiness() {
        return this.health.readiness();
    }
};
__decorate([
    Get(),
    ApiOperation({ summary: 'What this is and where its documentation is.' }),
    ApiOkResponse({ type: GreetingDto }),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", []),
    __metadata("design:returntype", Object)
], RootController.prototype, "getRoot", null);
__decorate([
    Get('health'),
    ApiOperation({ summary: 'Whether NYX is well: 503 when it is not.' }),
    ApiOkResponse({ type: BriefHealthDto }),
    ApiServiceUnavailableResponse({ type: BriefHealthDto, description: 'Unhealthy.' }),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", []),
    __metadata("design:returntype", Promise)
], RootController.prototype, "getHealth", null);
__decorate([
    Get('livez'),
    ApiOperation({ summary: 'Whether the process answers. Looks at nothing else.' }),
    ApiOkResponse({ type: LivenessDto }),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", []),
    __metadata("design:returntype", Object)
], RootController.prototype, "getLiveness", null);
__decorate([
    Get('readyz'),
    ApiOperation({ summary: 'Whether this replica can take work: 503 while its database is away or it is stopping.' }),
    ApiOkResponse({ type: ReadinessDto }),
    ApiServiceUnavailableResponse({ type: ReadinessDto, description: 'Not ready.' }),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", []),
    __metadata("design:returntype", Promise)
], RootController.prototype, "getReadiness", null);
RootController = __decorate([
    ApiTags('system'),
    Public(),
    UseInterceptors(UnhealthyStatus),
    Controller(),
    __metadata("design:paramtypes", [AboutService,
        HealthService])
], RootController);
export { RootController };
//# sourceMappingURL=root.controller.js.map