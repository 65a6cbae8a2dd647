import { Injectable } from '@nestjs/common';
import type { Sql, Transaction } from '../database/sql.js';
import { storableJson } from '../database/storable.js';
import { Database } from '../database/database.service.js';

export const EVENT_TYPES = [
  'workflow.started',
  'workflow.planned',
  'workflow.progress',
  'workflow.paused',
  'workflow.resumed',
  'workflow.retried',
  'workflow.completed',
  'workflow.failed',
  'workflow.cancelled',
  'thought.started',
  'thought.completed',
  'thought.failed',
  'agent.spawned',
  'agent.completed',
  'agent.failed',
  'llm.completed',
  'tool.completed',
  'approval.requested',
  'approval.answered',
  'budget.warning',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

export interface NewEvent {
  readonly type: EventType;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface WorkflowEvent extends NewEvent {
  readonly workflowId: string;
  /** 1, 2, 3 … per workflow, without gaps, in the order of commits. */
  readonly seq: number;
  readonly at: Date;
}

/** What happened to workflows, in one gapless sequence each. Written in the transaction of the change it tells of. */
@Injectable()
export class EventLog {
  constructor(private readonly database: Database) {}

  /** Begins the stream of a new workflow with its first events. */
  async begin(tx: Sql, workflowId: string, ownerId: string, events: readonly NewEvent[]): Promise<void> {
    await tx.query('INSERT INTO event_streams (workflow_id, owner_id) VALUES ($1, $2)', [workflowId, ownerId]);
    await this.append(tx, workflowId, events);
  }

  /**
   * Appends events. The row lock of the stream is held until the transaction ends, so numbers follow the order of commits;
   * do this late in a transaction. Throws when the stream does not exist.
   */
  async append(tx: Sql, workflowId: string, events: readonly NewEvent[]): Promise<void> {
    if (events.length === 0) return;
    const rows = await tx.query<{ seq: string }>(
      `WITH stream AS (
         UPDATE event_streams SET last_seq = last_seq + $2::int WHERE workflow_id = $1 RETURNING last_seq - $2::int AS before
       )
       INSERT INTO workflow_events (workflow_id, seq, type, data)
       SELECT $1, stream.before + e.n, e.event->>'type', e.event->'data'
         FROM stream, jsonb_array_elements($3::jsonb) WITH ORDINALITY AS e(event, n)
       RETURNING seq`,
      [workflowId, events.length, storableJson(events.map(({ type, data }) => ({ type, data })))],
    );
    if (rows.length !== events.length) throw new Error(`There is no event stream of workflow ${workflowId}.`);
  }

  /**
   * Appends as `append` does, but never waits for another transaction: for who already holds locks that come after the stream's.
   * @returns false, with nothing written, when another transaction holds the stream or there is none
   */
  async appendIfFree(tx: Transaction, workflowId: string, events: readonly NewEvent[]): Promise<boolean> {
    const free = await tx.query('SELECT workflow_id FROM event_streams WHERE workflow_id = $1 FOR UPDATE SKIP LOCKED', [
      workflowId,
    ]);
    if (free.length === 0) return false;
    await this.append(tx, workflowId, events);
    return true;
  }

  /** Events after `afterSeq` in order, at most `limit`. */
  async read(workflowId: string, afterSeq: number, limit: number): Promise<WorkflowEvent[]> {
    const rows = await this.database.query<{ seq: string; type: EventType; at: Date; data: Record<string, unknown> }>(
      'SELECT seq, type, at, data FROM workflow_events WHERE workflow_id = $1 AND seq > $2 ORDER BY seq LIMIT $3',
      [workflowId, afterSeq, limit],
    );
    return rows.map((row) => ({ ...row, workflowId, seq: Number(row.seq) }));
  }
}
