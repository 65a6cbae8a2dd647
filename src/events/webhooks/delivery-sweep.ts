import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.service.js';

const EVERY_MS = 10 * 60_000;
const ROWS_AT_ONCE = 1_000;
const KEPT_DAYS = { delivered: 7, others: 30 };

/** Removes deliveries that nobody asks for any more, by batches, so that none holds locks for long. */
@Injectable()
export class DeliverySweep {
  private nextAtMs = 0;

  constructor(private readonly database: Database) {}

  /** @param isStopping asked between batches */
  async whenDue(isStopping: () => boolean): Promise<void> {
    if (performance.now() < this.nextAtMs) return;
    while (!isStopping() && (await this.removeBatch()));
    this.nextAtMs = performance.now() + EVERY_MS;
  }

  /** @returns whether there may be more */
  private async removeBatch(): Promise<boolean> {
    const gone = await this.database.query(
      `DELETE FROM webhook_deliveries WHERE id = ANY (ARRAY(
         SELECT d.id FROM webhooks w
          CROSS JOIN (VALUES ('delivered', ${KEPT_DAYS.delivered}), ('pending', ${KEPT_DAYS.others}), ('failed', ${KEPT_DAYS.others}),
                             ('dead', ${KEPT_DAYS.others})) AS kept(status, days)
          CROSS JOIN LATERAL (
            SELECT id FROM webhook_deliveries
             WHERE webhook_id = w.id AND status = kept.status AND created_at < now() - make_interval(days => kept.days)
             ORDER BY created_at LIMIT ${ROWS_AT_ONCE} FOR UPDATE SKIP LOCKED) d
          LIMIT ${ROWS_AT_ONCE})) RETURNING id`,
    );
    return gone.length === ROWS_AT_ONCE;
  }
}
