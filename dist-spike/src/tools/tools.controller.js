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
import { AvailableToolsDto } from './dto/available-tools.dto.js';
import { ToolRegistry } from './tool-registry.js';
let ToolsController = class ToolsController {
    registry;
    constructor(registry) {
        this.registry = registry;
    }
    getAvailableTools() {
        return this.registry.available();
    }
};
__decorate([
    Get('available'),
    ApiOperation({ summary: 'The tools there are, whether each can be used, and if not, why.' }),
    ApiOkResponse({ type: AvailableToolsDto }),
    __metadata("design:type", Function),
    __metadata("design:paramtypes", []),
    __metadata("design:returntype", Object)
], ToolsController.prototype, "getAvailableTools", null);
ToolsController = __decorate([
    ApiTags('tools'),
    Requires('viewer'),
    Controller('api/v1/tools'),
    __metadata("design:paramtypes", [ToolRegistry])
], ToolsController);
export { ToolsController };
//# sourceMappingURL=tools.controller.js.map