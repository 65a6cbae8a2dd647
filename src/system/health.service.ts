import { Inject, Injectable } from '@nestjs/common';
import { StartError } from '../config/start-error.js';
import { AppConfig } from '../config/app-config.js';
import type { Plain } from '../http/plain.js';
import { within } from '../waiting/within.js';
import { ABOUT } from './about.js';
import { DatabaseHealth } from './components/database.health.js';
import { FailedChecks } from './failed-checks.js';
import { type ComponentHealth, HEALTH_COMPONENTS, type HealthComponent } from './health-component.js';
import { type CheckedComponent, complaintOf, overallStatus } from './health.rules.js';
import { readableUptime } from './uptime.rules.js';
import type { BriefHealthDto, HealthDto, ReadinessDto } from './dto/health.dto.js';
import type { StatusDto } from './dto/status.dto.js';

/** A probe waits a little longer than the database's own bound of a second, and never more. */
export const CHECK_BOUND_MS = 1_200;

@Injectable()
export class HealthService {
  private readonly failed = new FailedChecks();

  constructor(
    @Inject(HEALTH_COMPONENTS) private readonly components: readonly HealthComponent[],
    private readonly config: AppConfig,
    private readonly database: DatabaseHealth,
  ) {
    const names = components.map(({ name }) => name);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined)
      throw new StartError(
        `Two parts of health are named ${twice}: rename one, or take it out of the list in src/system/system.module.ts.`,
      );
  }

  async brief(): Promise<Plain<BriefHealthDto>> {
    const { status, version, service, timestamp } = await this.report();
    return { status, version, service, timestamp };
  }

  async readiness(): Promise<Plain<ReadinessDto>> {
    const status = overallStatus(await this.check());
    return { status: status === 'unhealthy' ? 'not_ready' : 'ready', timestamp: new Date().toISOString() };
  }

  async report(): Promise<Plain<HealthDto>> {
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

  async status(): Promise<Plain<StatusDto>> {
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

  private check(): Promise<CheckedComponent[]> {
    return Promise.all(
      this.components.map(async (component) => ({ component, health: await this.checkOf(component) })),
    );
  }

  private async checkOf(component: HealthComponent): Promise<ComponentHealth> {
    try {
      const health = await within(
        CHECK_BOUND_MS,
        async () => component.check(),
        () => new LateCheck(`it took longer than ${CHECK_BOUND_MS} ms`),
      );
      this.failed.forget(component.name);
      return health;
    } catch (error) {
      this.failed.note(component.name, error);
      const reason = error instanceof LateCheck ? 'Its check took too long.' : 'Its check failed; the log says why.';
      return { status: 'unhealthy', reason };
    }
  }
}

const byName = (checked: readonly CheckedComponent[]): Record<string, ComponentHealth> =>
  Object.fromEntries(checked.map(({ component, health }) => [component.name, health]));

/** Has no stack: it says nothing of where the part hangs. */
class LateCheck extends Error {
  override readonly name = 'LateCheck';
  override readonly stack = undefined;
}
