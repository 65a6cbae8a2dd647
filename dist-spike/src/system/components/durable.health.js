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
import { DurableEngine } from '../../durable/durable-engine.js';
let DurableHealth = class DurableHealth {
    engine;
    name = 'durable';
    importance = 'essential';
    complaint = 'The durable engine runs no workflows in this process now.';
    constructor(engine) {
        this.engine = engine;
    }
    /** Without its lease a replica starts no effects; without a running engine (it is stopping, or starting) it takes no work. */
    check() {
        if (!this.engine.isRunning)
            return { status: 'unhealthy', running: false, lease: false };
        const { id, hasLease } = this.engine.executor;
        return { status: hasLease ? 'healthy' : 'degraded', running: true, lease: hasLease, executor_id: id };
    }
};
DurableHealth = __decorate([
    Injectable(),
    __metadata("design:paramtypes", [DurableEngine])
], DurableHealth);
export { DurableHealth };
//# sourceMappingURL=durable.health.js.map