import { Injectable } from '@nestjs/common';
import { clockComplaint } from '../../database/clock-skew.js';
import { Metrics } from '../../telemetry/metrics.js';
import type { ComponentHealth, HealthComponent } from '../health-component.js';
import { DatabaseHealth } from './database.health.js';

@Injectable()
export class ClockHealth implements HealthComponent {
  readonly name = 'clock';
  readonly importance = 'supporting';
  readonly complaint = "The clock of this replica is too far from the database's.";

  constructor(
    private readonly database: DatabaseHealth,
    private readonly metrics: Metrics,
  ) {
    metrics.onGather(() => this.gather());
  }

  /** Asks together with the health of the database, in one query. Where it does not answer nothing is known of its clock. */
  async check(): Promise<ComponentHealth> {
    const answer = await this.database.ask();
    if (answer === undefined) return { status: 'unavailable', skew_seconds: null };
    const skewSeconds = Math.round(answer.skewSeconds * 10) / 10;
    return { status: clockComplaint(skewSeconds) === undefined ? 'healthy' : 'degraded', skew_seconds: skewSeconds };
  }

  private async gather(): Promise<void> {
    const { clockSkew } = this.metrics.database;
    const answer = await this.database.ask();
    if (answer === undefined) clockSkew.remove();
    else clockSkew.set(answer.skewSeconds);
  }
}
