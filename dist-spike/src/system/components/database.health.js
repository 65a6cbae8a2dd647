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
import { Database } from '../../database/database.service.js';
const BOUND_MS = 1_000;
let DatabaseHealth = class DatabaseHealth {
    database;
    name = 'database';
    importance = 'essential';
    complaint = 'The database does not answer.';
    /** One probe at a time: checks that come while it is under way wait for the same, so a database that hangs costs one connection. */
    probe;
    constructor(database) {
        this.database = database;
    }
    /** Whether queries wait because every connection is in use. */
    get isPoolExhausted() {
        const { pool } = this.database;
        return pool.waitingCount > 0 && pool.totalCount >= pool.options.max;
    }
    async check() {
        this.probe ??= this.measure().finally(() => (this.probe = undefined));
        const latencyMs = await within(this.probe, BOUND_MS);
        return latencyMs === undefined
            ? { status: 'unhealthy', connection: 'disconnected', latency_ms: null }
            : { status: 'healthy', connection: 'connected', latency_ms: latencyMs };
    }
    /** Milliseconds of a round trip; undefined when it failed. */
    async measure() {
        const startedAt = performance.now();
        try {
            await this.database.query('SELECT 1');
            return Math.round((performance.now() - startedAt) * 100) / 100;
        }
        catch {
            return undefined;
        }
    }
};
DatabaseHealth = __decorate([
    Injectable(),
    __metadata("design:paramtypes", [Database])
], DatabaseHealth);
export { DatabaseHealth };
async function within(work, boundMs) {
    let timer;
    const late = new Promise((resolve) => {
        timer = setTimeout(() => resolve(undefined), boundMs);
    });
    return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
//# sourceMappingURL=database.health.js.map