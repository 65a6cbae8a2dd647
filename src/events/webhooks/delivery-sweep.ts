import { Injectable } from '@nestjs/common';
import { AppConfig } from '../../config/app-config.js';
import { Database } from '../../database/database.service.js';
import { NowAndThen } from '../../waiting/now-and-then.js';

const EVERY_MS = 10 * 60_000;
const ROWS_AT_ONCE = 1_000;
/** Of what was not delivered, and longer where what was is kept longer. */
const LEAST_DAYS_OF_OTHERS = 30;

/** Removes deliveries that nobody asks for any more, by batches, so that none holds locks for long. */
@Injectable()
export class DeliverySweep {
  private readonly nowAndThen = new NowAndThen(EVERY_MS);

  constructor(
    private readonly database: Database,
    private readonly config: AppConfig,
  ) {}

  /**
   * Begins no further batch after `endsAt`.
   * @param isStopping asked between batches
   * @returns whether none is left that should go now
   */
  whenDue(endsAt: number, isStopping: () => boolean): Promise<boolean> {
    const { deliveriesDays } = this.config.retention;
    return this.nowAndThen.whenDue(async () => {
      let mayHaveMore = deliveriesDays > 0;
      while (mayHaveMore && performance.now() < endsAt && !isStopping())
        mayHaveMore = await this.removeBatch(deliveriesDays);
      return !mayHaveMore;
    });
  }

  /** @returns whether there may be more */
  private async removeBatch(days: number): Promise<boolean> {
    const gone = await this.database.query(
      `DELETE FROM webhook_deliveries WHERE id = ANY (ARRAY(
         SELECT d.id FROM webhooks w
          CROSS JOIN (VALUES ('delivered', $1::int), ('pending', $2::int), ('failed', $2::int), ('dead', $2::int)) AS kept(status, days)
          CROSS JOIN LATERAL (
            SELECT id FROM webhook_deliveries
             WHERE webhook_id = w.id AND status = kept.status AND created_at < now() - make_interval(days => kept.days)
             ORDER BY created_at LIMIT ${ROWS_AT_ONCE} FOR UPDATE SKIP LOCKED) d
          LIMIT ${ROWS_AT_ONCE})) RETURNING id`,
      [days, Math.max(days, LEAST_DAYS_OF_OTHERS)],
    );
    return gone.length === ROWS_AT_ONCE;
  }
}
