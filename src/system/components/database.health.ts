import { Injectable } from '@nestjs/common';
import type { QueryConfig } from 'pg';
import { clockSkewSeconds, READ_CLOCK } from '../../database/clock-skew.js';
import { Database } from '../../database/database.service.js';
import { within } from '../../waiting/within.js';
import type { ComponentHealth, HealthComponent } from '../health-component.js';

const BOUND_MS = 1_000;

/** A connection that does not answer in time is closed, so that the next probe gets another. */
const PROBE: QueryConfig & { query_timeout: number } = { text: READ_CLOCK, query_timeout: BOUND_MS };

interface Answer {
  /** Of a round trip. */
  readonly latencyMs: number;
  /** By how much the database's clock is ahead. */
  readonly skewSeconds: number;
}

@Injectable()
export class DatabaseHealth implements HealthComponent {
  readonly name = 'database';
  readonly importance = 'essential';
  readonly complaint = 'The database does not answer.';
  /** One probe at a time: checks that come while it is under way wait for the same, so a database that hangs costs one connection. */
  private probe: Promise<Answer | undefined> | undefined;

  constructor(private readonly database: Database) {}

  /** Whether queries wait because every connection is in use. */
  get isPoolExhausted(): boolean {
    const { pool } = this.database;
    return pool.waitingCount > 0 && pool.totalCount >= pool.options.max;
  }

  async check(): Promise<ComponentHealth> {
    const answer = await this.ask();
    return answer === undefined
      ? { status: 'unhealthy', connection: 'disconnected', latency_ms: null }
      : { status: 'healthy', connection: 'connected', latency_ms: answer.latencyMs };
  }

  /** Undefined where it does not answer in time. */
  ask(): Promise<Answer | undefined> {
    const probe = (this.probe ??= this.measure().finally(() => (this.probe = undefined)));
    return within(
      BOUND_MS,
      () => probe,
      () => new Error('It does not answer in time.'),
    ).catch(() => undefined);
  }

  private async measure(): Promise<Answer | undefined> {
    const startedAt = performance.now();
    try {
      const skewSeconds = await clockSkewSeconds(() => this.database.pool.query<{ now: number }>(PROBE));
      return { latencyMs: Math.round((performance.now() - startedAt) * 100) / 100, skewSeconds };
    } catch {
      return undefined;
    }
  }
}
