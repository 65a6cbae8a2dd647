import { Injectable } from '@nestjs/common';
import type { ComponentHealth, HealthComponent } from '../health-component.js';

/** An event loop that takes longer than this for one turn serves nobody well. */
const SLOW_TURN_MS = 500;

@Injectable()
export class ProcessHealth implements HealthComponent {
  readonly name = 'system';
  readonly importance = 'supporting';
  readonly complaint = 'The process is overloaded.';

  /** `response_time_ms`: how long one turn of the event loop takes now. */
  async check(): Promise<ComponentHealth> {
    const startedAt = performance.now();
    await new Promise((resolve) => setImmediate(resolve));
    const responseTimeMs = Math.round((performance.now() - startedAt) * 100) / 100;
    return { status: responseTimeMs < SLOW_TURN_MS ? 'healthy' : 'degraded', response_time_ms: responseTimeMs };
  }
}
