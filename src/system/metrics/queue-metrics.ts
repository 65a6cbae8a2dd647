import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.service.js';
import { DURABLE_SCHEMA } from '../../durable/dbos.js';
import { QUEUES } from '../../durable/durable-engine.js';
import { Metrics } from '../../telemetry/metrics.js';

/** However often the metrics are asked for, the database is asked once in this time. */
const KEPT_MS = 5_000;
const UNFINISHED = ['pending', 'in_progress'];

/** What waits and what runs, over all replicas, as the database has it; and the pool that asks it. */
@Injectable()
export class QueueMetrics {
  private readAtMs = -Infinity;
  private reading: Promise<void> | undefined;

  constructor(
    private readonly database: Database,
    private readonly metrics: Metrics,
  ) {
    metrics.onGather(() => this.gatherPool());
    metrics.onGather(() => this.gather());
  }

  private gatherPool(): void {
    const { totalCount, idleCount, waitingCount } = this.database.pool;
    const { connections, waiting } = this.metrics.database;
    connections.set({ pool: 'application', state: 'total' }, totalCount);
    connections.set({ pool: 'application', state: 'idle' }, idleCount);
    waiting.set({ pool: 'application' }, waitingCount);
  }

  private async gather(): Promise<void> {
    if (performance.now() - this.readAtMs < KEPT_MS) return;
    this.reading ??= this.read().finally(() => (this.reading = undefined));
    await this.reading;
  }

  private async read(): Promise<void> {
    const { unfinished, queued } = this.metrics.workflows;
    // Also when it fails: a database in need is not asked more often.
    this.readAtMs = performance.now();
    unfinished.reset();
    queued.reset();
    const rows = await this.database.query<{ kind: string; name: string; count: number }>(
      `SELECT 'workflow' AS kind, status AS name, count(*)::int AS count FROM workflows
        WHERE status IN ('pending', 'in_progress') GROUP BY status
       UNION ALL
       SELECT 'queue', queue_name, count(*)::int FROM ${DURABLE_SCHEMA}.workflow_status
        WHERE status = 'ENQUEUED' AND queue_name = ANY($1) GROUP BY queue_name`,
      [QUEUES],
    );
    const countOf = (kind: string, name: string): number =>
      rows.find((row) => row.kind === kind && row.name === name)?.count ?? 0;
    for (const status of UNFINISHED) unfinished.set({ status }, countOf('workflow', status));
    for (const queue of QUEUES) queued.set({ queue }, countOf('queue', queue));
  }
}
