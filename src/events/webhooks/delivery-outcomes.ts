import { Injectable } from '@nestjs/common';
import { Audit } from '../../auth/audit/audit.service.js';
import { Database } from '../../database/database.service.js';
import type { Sql } from '../../database/sql.js';
import { storableText } from '../../database/storable.js';
import type { ClaimedDelivery } from './delivery-queue.js';
import type { SendOutcome } from './delivery-sender.js';
import { retryDelayMs } from './retry-delay.rules.js';
import { IS_OPEN } from './webhook.values.js';

type Failure = Extract<SendOutcome, { kind: 'failed' }>;

/**
 * Writes down what became of attempts. Of one whose time ran out, and that was handed out again, nothing is written. Who changes both
 * locks the webhook before the delivery, as its removal does.
 */
@Injectable()
export class DeliveryOutcomes {
  constructor(
    private readonly database: Database,
    private readonly audit: Audit,
  ) {}

  async settle(delivery: ClaimedDelivery, outcome: SendOutcome): Promise<void> {
    if (outcome.kind === 'given_up') return this.giveBack(delivery);
    const isDone =
      outcome.kind === 'delivered'
        ? await this.delivered(delivery, outcome.status)
        : await this.failed(delivery, outcome);
    // A statement of its own, after the commit: whoever put the next one off before it is overridden, and nobody does so after it.
    if (isDone) await this.callNext(delivery);
  }

  private async delivered({ id, attempt, webhook }: ClaimedDelivery, status: number): Promise<boolean> {
    const rows = await this.database.query(
      `WITH recovered AS (
         UPDATE webhooks SET failing_since = NULL WHERE id = $3 AND failing_since IS NOT NULL RETURNING id
       )
       UPDATE webhook_deliveries SET status = 'delivered', is_being_sent = false, delivered_at = clock_timestamp(), last_status = $4,
              last_error = NULL
        WHERE id = $1 AND attempts = $2 AND ${IS_OPEN} AND (SELECT count(*) FROM recovered) >= 0 RETURNING id`,
      [id, attempt, webhook.id, status],
    );
    return rows.length > 0;
  }

  /** @returns whether it is not tried any more */
  private async failed(delivery: ClaimedDelivery, failure: Failure): Promise<boolean> {
    return this.database.transaction(async (tx) => {
      await tx.query('SELECT id FROM webhooks WHERE id = $1 FOR NO KEY UPDATE', [delivery.webhook.id]);
      const delaySeconds = retryDelayMs(delivery.attempt, failure.askedMs, Math.random()) / 1000;
      const [row] = await tx.query<{ status: string }>(
        `UPDATE webhook_deliveries
            SET status = CASE WHEN $3 OR clock_timestamp() + make_interval(secs => $4) > retry_until THEN 'dead' ELSE 'failed' END,
                is_being_sent = false, next_attempt_at = clock_timestamp() + make_interval(secs => $4), last_status = $5, last_error = $6
          WHERE id = $1 AND attempts = $2 AND ${IS_OPEN} RETURNING status`,
        [
          ...[delivery.id, delivery.attempt, failure.isGone, delaySeconds],
          ...[failure.status, storableText(failure.error)],
        ],
      );
      if (row === undefined) return false;
      await tx.query('UPDATE webhooks SET failing_since = clock_timestamp() WHERE id = $1 AND failing_since IS NULL', [
        delivery.webhook.id,
      ]);
      if (failure.isGone) await this.disable(tx, delivery.webhook.id);
      return row.status === 'dead';
    });
  }

  private async disable(tx: Sql, webhookId: string): Promise<void> {
    const rows = await tx.query(
      `UPDATE webhooks SET is_enabled = false, disabled_reason = 'It answered 410 Gone.', updated_at = now()
        WHERE id = $1 AND is_enabled RETURNING id`,
      [webhookId],
    );
    if (rows.length === 0) return;
    const path = `/api/v1/system/webhooks/${webhookId}`;
    await this.audit.record(
      {
        ...{ actor: undefined, action: 'disableGoneWebhook', method: 'PATCH', path, target: `id=${webhookId}` },
        ...{ outcome: 'done', address: undefined, requestId: undefined },
      },
      tx,
    );
  }

  private async giveBack({ id, attempt }: ClaimedDelivery): Promise<void> {
    await this.database.query(
      `UPDATE webhook_deliveries SET is_being_sent = false, attempts = attempts - 1, next_attempt_at = clock_timestamp()
        WHERE id = $1 AND attempts = $2 AND ${IS_OPEN}`,
      [id, attempt],
    );
  }

  private async callNext({ webhook, event }: ClaimedDelivery): Promise<void> {
    await this.database.query(
      `UPDATE webhook_deliveries SET next_attempt_at = clock_timestamp()
        WHERE NOT is_being_sent AND id = (
          SELECT id FROM webhook_deliveries WHERE webhook_id = $1 AND workflow_id = $2 AND ${IS_OPEN} ORDER BY seq LIMIT 1)`,
      [webhook.id, event.workflowId],
    );
  }
}
