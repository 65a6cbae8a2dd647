import { Injectable } from '@nestjs/common';
import { DUTIES } from '../../config/app-config.js';
import { Database } from '../../database/database.service.js';
import { DURABLE_SCHEMA } from '../../durable/dbos.js';
import { isSeen } from '../../durable/liveness.js';
import type { Plain } from '../../http/plain.js';
import { RUN_WORKFLOW } from '../../orchestrator/run/workflow-runner.js';
import type { ReplicaList } from './replicas.dto.js';

interface ReplicaRow {
  readonly id: string;
  readonly version: string;
  readonly durable_version: string;
  readonly roles: string;
  readonly status: 'live' | 'draining';
  readonly started_at: Date;
  readonly last_beat_at: Date;
  readonly running: number;
}

/** $1 the durable function of a workflow. By the indexes of what is alive and of what runs. */
export const REPLICAS = `
  WITH running AS (
    SELECT executor_id, count(*)::int AS workflows FROM ${DURABLE_SCHEMA}.workflow_status
     WHERE status = 'PENDING' AND name = $1 GROUP BY executor_id
  )
  SELECT e.id, e.release AS version, e.version AS durable_version, e.roles, e.status, e.started_at, e.last_beat_at, coalesce(r.workflows, 0) AS running
    FROM executors e LEFT JOIN running r ON r.executor_id = e.id
   WHERE e.status <> 'gone' AND e.status IN ('live', 'draining')
     AND ${isSeen('e.last_beat_at')}
   ORDER BY e.started_at, e.id`;

/** Every process of NYX on this database that is alive. */
@Injectable()
export class Replicas {
  constructor(private readonly database: Database) {}

  async list(): Promise<Plain<ReplicaList>> {
    const rows = await this.database.query<ReplicaRow>(REPLICAS, [RUN_WORKFLOW]);
    return {
      items: rows.map((row) => ({
        id: row.id,
        version: row.version,
        durable_version: row.durable_version,
        roles: DUTIES.filter((duty) => row.roles.split(',').includes(duty)),
        status: row.status,
        started_at: row.started_at.toISOString(),
        last_seen: row.last_beat_at.toISOString(),
        running_workflows: row.running,
      })),
    };
  }
}
