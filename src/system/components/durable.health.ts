import { Injectable } from '@nestjs/common';
import { DurableEngine } from '../../durable/durable-engine.js';
import type { ComponentHealth, HealthComponent } from '../health-component.js';

@Injectable()
export class DurableHealth implements HealthComponent {
  readonly name = 'durable';
  readonly importance = 'essential';
  readonly complaint = 'The durable engine runs no workflows in this process now.';

  constructor(private readonly engine: DurableEngine) {}

  /** Without its lease a replica starts no effects; without a running engine (it is stopping, or starting) it takes no work. */
  check(): ComponentHealth {
    if (!this.engine.isRunning) return { status: 'unhealthy', running: false, lease: false };
    const { id, hasLease } = this.engine.executor;
    return { status: hasLease ? 'healthy' : 'degraded', running: true, lease: hasLease, executor_id: id };
  }
}
