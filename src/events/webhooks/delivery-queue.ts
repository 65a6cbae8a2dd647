import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.service.js';
import type { Transaction } from '../../database/sql.js';
import type { EventType, NewEvent } from '../event-data.js';
import type { WorkflowEvent } from '../event-log.js';
import { IS_OPEN } from './webhook.values.js';

export interface ClaimedDelivery {
  readonly id: string;
  /** The number of this attempt; a later one overrides what becomes of it. */
  readonly attempt: number;
  readonly webhook: { readonly id: string; readonly url: string; readonly secrets: readonly string[] };
  readonly event: WorkflowEvent;
}

/** Places of this process by webhook that are taken. */
export type BusyPlaces = ReadonlyMap<string, number>;

interface ClaimedRow {
  readonly id: string;
  readonly attempts: number;
  readonly webhook_id: string;
  readonly url: string;
  readonly secrets: string[];
  readonly workflow_id: string;
  readonly seq: string;
  readonly type: EventType;
  readonly at: Date;
  readonly data: Record<string, unknown>;
}

/** Deliveries of one webhook under way in one process; of one that fails, one. */
const PLACES = 4;
/** Looked at of one webhook at a time. */
const WINDOW = 8;
/** Longer than a sender takes, however slow its receiver is. */
const LEASE_SECONDS = 30;
const PLACES_OF_WEBHOOK = `CASE WHEN w.failing_since IS NULL THEN ${PLACES} ELSE 1 END`;

/**
 * What is to be delivered, in the database. The events of a workflow stand in one line for each webhook: only the first that is open is
 * handed out. A line is not locked while it is sent: whoever takes its first has it for a time, after which it is handed out again.
 */
@Injectable()
export class DeliveryQueue {
  constructor(private readonly database: Database) {}

  /**
   * Hands out what is due: at most `limit`, and of each webhook at most as many as it has places left.
   * @returns undefined when nothing was due; none when all that was due stands behind an earlier delivery of its line, or has no place
   */
  claim(limit: number, busy: BusyPlaces): Promise<readonly ClaimedDelivery[] | undefined> {
    const places = [[...busy.keys()], [...busy.values()]];
    return this.database.transaction(async (tx) => {
      const due = await tx.query<{ id: string }>(
        `SELECT d.id FROM webhooks w
           LEFT JOIN unnest($1::uuid[], $2::int[]) AS busy(id, places) ON busy.id = w.id
          CROSS JOIN LATERAL (
            SELECT id FROM webhook_deliveries
             WHERE webhook_id = w.id AND ${IS_OPEN} AND next_attempt_at <= clock_timestamp()
             ORDER BY next_attempt_at, seq LIMIT ${WINDOW} FOR UPDATE SKIP LOCKED) d
          WHERE w.is_enabled AND coalesce(busy.places, 0) < ${PLACES_OF_WEBHOOK}`,
        places,
      );
      if (due.length === 0) return undefined;
      return this.take(tx, { ids: due.map(({ id }) => id), limit, places });
    });
  }

  /** A statement of its own: it sees what became of the first of a line before the rest of the line was locked. */
  private async take(
    tx: Transaction,
    { ids, limit, places }: { ids: readonly string[]; limit: number; places: readonly unknown[] },
  ): Promise<readonly ClaimedDelivery[]> {
    const rows = await tx.query<ClaimedRow>(
      `WITH looked AS (
         SELECT d.id, d.webhook_id, first.id = d.id AS is_first, first.next_attempt_at AS first_at,
                row_number() OVER (PARTITION BY d.webhook_id, first.id = d.id ORDER BY d.next_attempt_at, d.seq) AS place
           FROM webhook_deliveries d CROSS JOIN LATERAL (
             SELECT id, next_attempt_at FROM webhook_deliveries f
              WHERE f.webhook_id = d.webhook_id AND f.workflow_id = d.workflow_id AND ${IS_OPEN} ORDER BY f.seq LIMIT 1) first
          WHERE d.id = ANY($1::uuid[])
       ), waiting AS (
         UPDATE webhook_deliveries d SET next_attempt_at = greatest(l.first_at, clock_timestamp() + interval '1 second')
           FROM looked l WHERE d.id = l.id AND NOT l.is_first
       ), chosen AS (
         SELECT l.id FROM looked l JOIN webhooks w ON w.id = l.webhook_id
           LEFT JOIN unnest($2::uuid[], $3::int[]) AS busy(id, places) ON busy.id = w.id
          WHERE l.is_first AND l.place <= ${PLACES_OF_WEBHOOK} - coalesce(busy.places, 0)
          ORDER BY coalesce(busy.places, 0) + l.place, l.webhook_id LIMIT $4
       ), taken AS (
         UPDATE webhook_deliveries d SET attempts = attempts + 1, is_being_sent = true, last_attempt_at = clock_timestamp(),
                next_attempt_at = clock_timestamp() + interval '${LEASE_SECONDS} seconds'
           FROM chosen c WHERE d.id = c.id RETURNING d.id, d.attempts, d.webhook_id, d.workflow_id, d.seq
       )
       SELECT t.id, t.attempts, t.webhook_id, w.url,
              CASE WHEN w.previous_secret_until > clock_timestamp() THEN ARRAY[w.secret, w.previous_secret] ELSE ARRAY[w.secret] END
                AS secrets,
              t.workflow_id, t.seq, e.type, e.at, e.data
         FROM taken t JOIN webhooks w ON w.id = t.webhook_id
         JOIN workflow_events e ON e.workflow_id = t.workflow_id AND e.seq = t.seq`,
      [ids, ...places, limit],
    );
    return rows.map(claimedOf);
  }

  /** Milliseconds until something is due of the webhooks that have places left; undefined when nothing is, `hasNone` where nobody is told. */
  async outlook(busy: BusyPlaces): Promise<{ readonly ms: number | undefined; readonly hasNone: boolean }> {
    const [row] = await this.database.query<{ ms: number | null; webhooks: number }>(
      `SELECT extract(epoch FROM min(d.next_attempt_at) - clock_timestamp())::float8 * 1000 AS ms, count(*)::int AS webhooks
         FROM webhooks w LEFT JOIN unnest($1::uuid[], $2::int[]) AS busy(id, places) ON busy.id = w.id
         LEFT JOIN LATERAL (
           SELECT next_attempt_at FROM webhook_deliveries WHERE webhook_id = w.id AND ${IS_OPEN}
            ORDER BY next_attempt_at LIMIT 1) d ON coalesce(busy.places, 0) < ${PLACES_OF_WEBHOOK}
        WHERE w.is_enabled`,
      [[...busy.keys()], [...busy.values()]],
    );
    return { ms: row?.ms ?? undefined, hasNone: row?.webhooks === 0 };
  }
}

const claimedOf = (row: ClaimedRow): ClaimedDelivery => ({
  id: row.id,
  attempt: row.attempts,
  webhook: { id: row.webhook_id, url: row.url, secrets: row.secrets },
  event: {
    workflowId: row.workflow_id,
    seq: Number(row.seq),
    at: row.at,
    // The row of the event is where both come from.
    ...({ type: row.type, data: row.data } as NewEvent),
  },
});
