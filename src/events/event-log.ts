import { Injectable } from '@nestjs/common';
import type { Transaction } from '../database/sql.js';
import { storableJson } from '../database/storable.js';
import { Database } from '../database/database.service.js';
import type { EventType, NewEvent } from './event-data.js';

export { EVENT_TYPES, type EventType, type NewEvent } from './event-data.js';

/** These say how far the workflow has come. */
const WITH_PROGRESS: readonly EventType[] = [
  'workflow.progress',
  'workflow.completed',
  'workflow.failed',
  'workflow.cancelled',
];

export type WorkflowEvent = NewEvent & {
  readonly workflowId: string;
  /** 1, 2, 3 … per workflow, without gaps, in the order of commits. */
  readonly seq: number;
  readonly at: Date;
};

/** Where somebody is in the events of a workflow. */
export interface Position {
  readonly workflowId: string;
  readonly afterSeq: number;
}

type EventRow = NewEvent & { readonly seq: string; readonly at: Date };

/** What happened to workflows, in one gapless sequence each. Written in the transaction of the change it tells of. */
@Injectable()
export class EventLog {
  constructor(private readonly database: Database) {}

  /** Begins the stream of a new workflow with its first events. */
  begin(tx: Transaction, workflowId: string, ownerId: string, events: readonly NewEvent[]): void {
    tx.send('INSERT INTO event_streams (workflow_id, owner_id) VALUES ($1, $2)', [workflowId, ownerId]);
    this.append(tx, workflowId, events);
  }

  /**
   * Appends events, and what webhooks are to be told of them. What they bring of `progress_percentage` (0..100) is kept with the stream
   * when it is further than before; what they tell is the furthest that was reached, so that it never falls. The row lock of the stream
   * is held until the transaction ends, so numbers follow the order of commits;
   * do this late in a transaction. The transaction fails when the stream does not exist.
   */
  append(tx: Transaction, workflowId: string, events: readonly NewEvent[]): void {
    if (events.length === 0) return;
    tx.send(
      `WITH stream AS (
         UPDATE event_streams SET last_seq = last_seq + $2::int, progress = greatest(progress, $5::numeric)
          WHERE workflow_id = $1 RETURNING last_seq - $2::int AS before, trim_scale(progress) AS progress
       ), appended AS (
         INSERT INTO workflow_events (workflow_id, seq, type, data)
         SELECT $1, stream.before + e.n, e.event->>'type', CASE WHEN e.event->>'type' = ANY ($6)
                THEN e.event->'data' || jsonb_build_object('progress_percentage', stream.progress) ELSE e.event->'data' END
           FROM stream, jsonb_array_elements($3::jsonb) WITH ORDINALITY AS e(event, n)
         RETURNING seq, type
       ), subscribed AS (
         SELECT id, event_types FROM webhooks
          WHERE is_enabled AND event_types && $4::varchar[] AND (workflow_id IS NULL OR workflow_id = $1) FOR KEY SHARE
       ), owed AS (
         INSERT INTO webhook_deliveries (id, webhook_id, workflow_id, seq, event_type, retry_until)
         SELECT gen_random_uuid(), s.id, $1, a.seq, a.type, now() + interval '24 hours'
           FROM appended a JOIN subscribed s ON s.event_types && ARRAY[a.type, '*']::varchar[]
       )
       SELECT seq FROM appended`,
      [
        ...[workflowId, events.length, storableJson(events.map(({ type, data }) => ({ type, data })))],
        [...new Set(events.map(({ type }) => type)), '*'],
        ...[furthest(events), WITH_PROGRESS],
      ],
      (rows) => {
        if (rows.length !== events.length) throw new Error(`There is no event stream of workflow ${workflowId}.`);
      },
    );
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
    this.append(tx, workflowId, events);
    return true;
  }

  /** Events after `afterSeq` in order, at most `limit`. */
  async read(workflowId: string, afterSeq: number, limit: number): Promise<WorkflowEvent[]> {
    const rows = await this.database.query<EventRow>(
      'SELECT seq, type, at, data FROM workflow_events WHERE workflow_id = $1 AND seq > $2 ORDER BY seq LIMIT $3',
      [workflowId, afterSeq, limit],
    );
    return rows.map((row) => ({ ...row, workflowId, seq: Number(row.seq) }));
  }

  /** Of each workflow the events after a number of its own, in order, at most `limit` of each. */
  async readEach(positions: readonly Position[], limit: number): Promise<WorkflowEvent[]> {
    const rows = await this.database.query<EventRow & { workflowId: string }>(
      `SELECT p.id AS "workflowId", e.seq, e.type, e.at, e.data
         FROM unnest($1::uuid[], $2::bigint[]) AS p(id, after)
        CROSS JOIN LATERAL (SELECT seq, type, at, data FROM workflow_events
                             WHERE workflow_id = p.id AND seq > p.after ORDER BY seq LIMIT $3) e
        ORDER BY p.id, e.seq`,
      [positions.map(({ workflowId }) => workflowId), positions.map(({ afterSeq }) => afterSeq), limit],
    );
    return rows.map((row) => ({ ...row, seq: Number(row.seq) }));
  }

  /** Those workflows that have events after that number. */
  async grown(positions: readonly Position[]): Promise<string[]> {
    const rows = await this.database.query<{ id: string }>(
      `SELECT p.id FROM unnest($1::uuid[], $2::bigint[]) AS p(id, after)
         JOIN event_streams s ON s.workflow_id = p.id AND s.last_seq > p.after`,
      [positions.map(({ workflowId }) => workflowId), positions.map(({ afterSeq }) => afterSeq)],
    );
    return rows.map(({ id }) => id);
  }

  /** The number of the last event of a stream of `ownerId`, or of anybody's without one; undefined where there is none. */
  async lastSeq(workflowId: string, ownerId: string | undefined): Promise<number | undefined> {
    const [stream] = await this.database.query<{ lastSeq: number }>(
      `SELECT last_seq::float8 AS "lastSeq" FROM event_streams
        WHERE workflow_id = $1 AND ($2::text IS NULL OR owner_id = $2)`,
      [workflowId, ownerId],
    );
    return stream?.lastSeq;
  }
}

const furthest = (events: readonly NewEvent[]): number | null => {
  const brought = events.flatMap(({ data }) =>
    'progress_percentage' in data && data.progress_percentage !== undefined ? [data.progress_percentage] : [],
  );
  return brought.length === 0 ? null : Math.max(...brought);
};
