var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
import { Injectable } from '@nestjs/common';
/** An event loop that takes longer than this for one turn serves nobody well. */
const SLOW_TURN_MS = 500;
let ProcessHealth = class ProcessHealth {
    name = 'system';
    importance = 'supporting';
    complaint = 'The process is overloaded.';
    /** `response_time_ms`: how long one turn of the event loop takes now. */
    async check() {
        const startedAt = performance.now();
        await new Promise((resolve) => setImmediate(resolve));
        const responseTimeMs = Math.round((performance.now() - startedAt) * 100) / 100;
        return { status: responseTimeMs < SLOW_TURN_MS ? 'healthy' : 'degraded', response_time_ms: responseTimeMs };
    }
};
ProcessHealth = __decorate([
    Injectable()
], ProcessHealth);
export { ProcessHealth };
//# sourceMappingURL=process.health.js.map