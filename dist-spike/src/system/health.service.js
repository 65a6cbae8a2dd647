var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
var __param = (this && this.__param) || function (paramIndex, decorator) {
    return function (target, key) { decorator(target, key, paramIndex); }
};
import { Inject, Injectable } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { ABOUT } from './about.js';
import { DatabaseHealth } from './components/database.health.js';
import { HEALTH_COMPONENTS } from './health-component.js';
import { complaintOf, overallStatus } from './health.rules.js';
import { readableUptime } from './uptime.rules.js';
/** A probe waits a little longer than the database's own bound of a second, and never more. */
const CHECK_BOUND_MS = 1_200;
let HealthService = class HealthService {
    components;
    config;
    database;
    constructor(components, config, database) {
        this.components = components;
        this.config = config;
        this.database = database;
        const names = components.map(({ name }) => name);
        const twice = names.find((name, index) => names.indexOf(name) !== index);
        if (twice !== undefined)
            throw new Error(`Two health components are called ${twice}.`);
    }
    async brief() {
        const { status, version, service, timestamp } = await this.report();
        return { status, version, service, timestamp };
    }
    async readiness() {
        const status = overallStatus(await this.check());
        return { status: status === 'unhealthy' ? 'not_ready' : 'ready', timestamp: new Date().toISOString() };
    }
    async report() {
        const checked = await this.check();
        const components = byName(checked);
        return {
            status: overallStatus(checked),
            database: components.database?.status === 'healthy' ? 'connected' : 'disconnected',
            timestamp: new Date().toISOString(),
            version: ABOUT.version,
            service: ABOUT.service,
            components,
            error: complaintOf(checked),
        };
    }
    async status() {
        const components = byName(await this.check());
        const uptimeSeconds = Math.floor(process.uptime());
        const timestamp = new Date().toISOString();
        return {
            timestamp,
            uptime: readableUptime(uptimeSeconds),
            uptime_seconds: uptimeSeconds,
            version: ABOUT.version,
            environment: this.config.environment,
            database: {
                status: components.database?.status === 'healthy' ? 'connected' : 'error',
                connection_pool: this.database.isPoolExhausted ? 'exhausted' : 'healthy',
                last_check: timestamp,
            },
            components,
        };
    }
    check() {
        return Promise.all(this.components.map(async (component) => ({ component, health: await checkWithin(component, CHECK_BOUND_MS) })));
    }
};
HealthService = __decorate([
    Injectable(),
    __param(0, Inject(HEALTH_COMPONENTS)),
    __metadata("design:paramtypes", [Array, AppConfig,
        DatabaseHealth])
], HealthService);
export { HealthService };
const byName = (checked) => Object.fromEntries(checked.map(({ component, health }) => [component.name, health]));
async function checkWithin(component, boundMs) {
    let timer;
    const late = new Promise((resolve) => {
        timer = setTimeout(() => resolve({ status: 'unhealthy' }), boundMs);
    });
    try {
        return await Promise.race([Promise.resolve(component.check()), late]);
    }
    catch {
        return { status: 'unhealthy' };
    }
    finally {
        clearTimeout(timer);
    }
}
//# sourceMappingURL=health.service.js.map