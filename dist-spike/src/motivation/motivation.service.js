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
import { Database } from '../database/database.service.js';
import { arbitrationScore } from './arbitration.rules.js';
let MotivationService = class MotivationService {
    database;
    constructor(database) {
        this.database = database;
    }
    async states(now = new Date()) {
        const rows = await this.database.query(`SELECT motivation_type, urgency, satisfaction, success_rate, total_attempts, success_count, failure_count, is_active,
              last_triggered_at, last_satisfied_at, decay_rate, boost_factor, max_urgency
         FROM motivational_states ORDER BY motivation_type`);
        return {
            total_active_states: rows.filter((row) => row.is_active).length,
            states: rows.map((row) => present(row, now)),
            engine_running: this.engineState().running,
            timestamp: now.toISOString(),
        };
    }
    /** No engine is part of NYX yet: nothing has initialised it, nothing runs. */
    engineState() {
        return { status: 'not_initialized', running: false };
    }
};
MotivationService = __decorate([
    Injectable(),
    __metadata("design:paramtypes", [Database])
], MotivationService);
export { MotivationService };
const present = (row, now) => ({
    motivation_type: row.motivation_type,
    urgency: row.urgency,
    satisfaction: row.satisfaction,
    arbitration_score: arbitrationScore({
        urgency: row.urgency,
        satisfaction: row.satisfaction,
        totalAttempts: row.total_attempts,
        successRate: row.success_rate,
        lastTaskAt: row.last_triggered_at,
    }, now),
    success_rate: row.success_rate,
    total_attempts: row.total_attempts,
    success_count: row.success_count,
    failure_count: row.failure_count,
    is_active: row.is_active,
    last_triggered: row.last_triggered_at?.toISOString() ?? null,
    last_satisfied: row.last_satisfied_at?.toISOString() ?? null,
    decay_rate: row.decay_rate,
    boost_factor: row.boost_factor,
    max_urgency: row.max_urgency,
});
//# sourceMappingURL=motivation.service.js.map