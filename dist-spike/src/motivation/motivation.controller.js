var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Requires } from '../auth/access.decorators.js';
import { MotivationalStatesDto } from './dto/motivational-states.dto.js';
import { MotivationService } from './motivation.service.js';
let MotivationController = class MotivationController {
    motivation;
    constructor(motivation) {
        this.motivation = motivation;
    }
    getMotivationalStates() {
        return this.motivation.states();
    }
};
__decorate([
    Get('states'),
    ApiOperation({ summary: 'Every motivation: how urgent, how satisfied, how it has fared.' }),
    ApiOkResponse({ type: MotivationalStatesDto }),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", []),
    __metadata("design:returntype", Promise)
], MotivationController.prototype, "getMotivationalStates", null);
MotivationController = __decorate([
    ApiTags('motivational'),
    Requires('viewer'),
    Controller('api/v1/motivational'),
    __metadata("design:paramtypes", [MotivationService])
], MotivationController);
export { MotivationController };
//# sourceMappingURL=motivation.controller.js.map