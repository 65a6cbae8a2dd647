import { Injectable } from '@nestjs/common';
import { conditionsOf } from '../../database/conditions.js';
import { Database } from '../../database/database.service.js';
import { Notifications } from '../../database/notifications.service.js';
import { type Cursor, exactTime, pageOf, placeAfter } from '../../http/cursor.js';
import type { Plain } from '../../http/plain.js';
import { notFound, Problem } from '../../http/problem.js';
import type { DeliveryPage, DeliveryQuery, Redelivery } from './dto/delivery.dto.js';
import { DELIVERY_COLUMNS, type DeliveryRow, presentDelivery } from './webhook-rows.js';
import { WEBHOOKS_CHANNEL } from './webhook.values.js';

/** Of dead ones, the oldest first; who has more asks again. */
const MAX_REDELIVERED = 1_000;
const ANEW = `status = 'pending', attempts = 0, next_attempt_at = clock_timestamp(), retry_until = clock_timestamp() + interval '24 hours',
  delivered_at = NULL`;

/** What webhooks were told, and what they are told again. */
@Injectable()
export class Deliveries {
  constructor(
    private readonly database: Database,
    private readonly notifications: Notifications,
  ) {}

  /** Newest first. @throws Problem NOT_FOUND */
  async list(webhookId: string, { limit, cursor, status }: DeliveryQuery): Promise<Plain<DeliveryPage>> {
    const after = placeAfter(cursor);
    await this.expectWebhook(webhookId);
    const values: unknown[] = [webhookId, after.at, after.id, limit + 1];
    const asked = conditionsOf(values, { 'status = ?': status });
    const rows = await this.database.query<DeliveryRow & Cursor>(
      `SELECT ${DELIVERY_COLUMNS}, ${exactTime('created_at')} AS at FROM webhook_deliveries
        WHERE webhook_id = $1 AND (created_at, id) < ($2::timestamptz, $3::uuid)${asked}
        ORDER BY created_at DESC, id DESC LIMIT $4`,
      values,
    );
    return pageOf(rows, limit, presentDelivery);
  }

  /** Whatever became of it. @throws Problem NOT_FOUND, CONFLICT */
  async redeliver(webhookId: string, id: string): Promise<Plain<Redelivery>> {
    const again = await this.database.query(
      `UPDATE webhook_deliveries SET ${ANEW} WHERE id = $2 AND webhook_id = $1 AND NOT is_being_sent RETURNING id`,
      [webhookId, id],
    );
    if (again.length === 0) {
      const known = await this.database.query('SELECT id FROM webhook_deliveries WHERE id = $2 AND webhook_id = $1', [
        webhookId,
        id,
      ]);
      if (known.length === 0) throw notFound(`Delivery ${id}`);
      throw new Problem('CONFLICT', 'It is being sent right now.');
    }
    this.announce(webhookId);
    return { redelivered: 1 };
  }

  /** @throws Problem NOT_FOUND */
  async redeliverDead(webhookId: string): Promise<Plain<Redelivery>> {
    await this.expectWebhook(webhookId);
    const again = await this.database.query(
      `UPDATE webhook_deliveries SET ${ANEW} WHERE id = ANY (ARRAY(
         SELECT id FROM webhook_deliveries WHERE webhook_id = $1 AND status = 'dead'
          ORDER BY created_at, id LIMIT ${MAX_REDELIVERED} FOR UPDATE SKIP LOCKED)) RETURNING id`,
      [webhookId],
    );
    this.announce(webhookId);
    return { redelivered: again.length };
  }

  private async expectWebhook(id: string): Promise<void> {
    const known = await this.database.query('SELECT id FROM webhooks WHERE id = $1', [id]);
    if (known.length === 0) throw notFound(`Webhook ${id}`);
  }

  private announce(webhookId: string): void {
    this.notifications.notify(WEBHOOKS_CHANNEL, webhookId);
  }
}
