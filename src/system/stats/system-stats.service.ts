import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.service.js';
import { SharedReads } from '../../waiting/shared-reads.js';
import { DurableEngine } from '../../durable/durable-engine.js';
import type { Plain } from '../../http/plain.js';
import { UsageSummary } from '../../llm/stats/usage-summary.js';
import { EventLoopDelay } from './event-loop-delay.js';
import type { ReplicaFigures, SystemStats } from './stats.dto.js';
import { countsOf, durationsOf, figuresOf, type CountRow } from './stats.rules.js';
import { COUNTS } from './status-counts.sql.js';

/** Counts of the whole deployment, from what is counted as it happens: as fast after years as on the first day, and exact. */
@Injectable()
export class SystemStatistics {
  /** Whoever asks at the same time shares two statements. */
  private readonly reads = new SharedReads(() => this.load());

  constructor(
    private readonly database: Database,
    private readonly usage: UsageSummary,
    private readonly engine: DurableEngine,
    private readonly eventLoop: EventLoopDelay,
  ) {}

  get(): Promise<Plain<SystemStats>> {
    return this.reads.read('');
  }

  private async load(): Promise<Plain<SystemStats>> {
    const now = new Date();
    const [rows, usage] = await Promise.all([this.database.query<CountRow>(COUNTS), this.usage.read(now.getTime())]);
    return {
      workflows: countsOf('workflow', rows),
      agents: countsOf('agent', rows),
      motivational_tasks: countsOf('motivational_task', rows),
      tool_executions: countsOf('tool_execution', rows),
      usage: {
        today: figuresOf(usage.today),
        last_7_days: figuresOf(usage.lastSevenDays),
        total: figuresOf(usage.total),
      },
      latency_ms: {
        model_calls: usage.latencyMs,
        workflows: durationsOf('workflow', rows),
        tool_executions: durationsOf('tool_execution', rows),
      },
      replica: this.replica(),
      timestamp: now.toISOString(),
    };
  }

  private replica(): Plain<ReplicaFigures> {
    const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
    const { pool } = this.database;
    return {
      id: this.engine.isRunning ? this.engine.executor.id : null,
      uptime_seconds: Math.floor(process.uptime()),
      event_loop_delay_ms: this.eventLoop.read(),
      memory: { rss_bytes: rss, heap_used_bytes: heapUsed, heap_total_bytes: heapTotal, external_bytes: external },
      database_pool: {
        max: pool.options.max,
        open: pool.totalCount,
        idle: pool.idleCount,
        waiting: pool.waitingCount,
      },
    };
  }
}
