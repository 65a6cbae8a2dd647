var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
import { Module } from '@nestjs/common';
import { MotivationController } from './motivation.controller.js';
import { MotivationSeed } from './motivation-seed.service.js';
import { MotivationService } from './motivation.service.js';
let MotivationModule = class MotivationModule {
};
MotivationModule = __decorate([
    Module({
        controllers: [MotivationController],
        providers: [MotivationService, MotivationSeed],
        exports: [MotivationService],
    })
], MotivationModule);
export { MotivationModule };
//# sourceMappingURL=motivation.module.js.map