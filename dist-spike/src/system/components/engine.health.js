var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
import { Injectable } from '@nestjs/common';
import { MotivationService } from '../../motivation/motivation.service.js';
let EngineHealth = class EngineHealth {
    motivation;
    name = 'engine';
    importance = 'optional';
    complaint = 'The motivation engine does not run.';
    constructor(motivation) {
        this.motivation = motivation;
    }
    check() {
        const { status, running } = this.motivation.engineState();
        return { status, running };
    }
};
EngineHealth = __decorate([
    Injectable(),
    __metadata("design:paramtypes", [MotivationService])
], EngineHealth);
export { EngineHealth };
//# sourceMappingURL=engine.health.js.map