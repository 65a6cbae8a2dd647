import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.service.js';
import { newId } from '../../database/ids.js';
import { Notifications } from '../../database/notifications.service.js';
import { Egress } from '../../egress/egress.js';
import { EgressFailed, EgressRefused } from '../../egress/egress.types.js';
import { type Cursor, exactTime, pageOf, placeAfter } from '../../http/cursor.js';
import type { PageQuery } from '../../http/page-query.dto.js';
import type { Plain } from '../../http/plain.js';
import { invalid, notFound, Problem } from '../../http/problem.js';
import type {
  CreatedWebhook,
  CreateWebhook,
  UpdatedWebhook,
  UpdateWebhook,
  WebhookPage,
  WebhookView,
} from './dto/webhook.dto.js';
import { newWebhookSecret } from './signature.rules.js';
import { allowedHostsOf } from './webhook-address.rules.js';
import { presentWebhook, WEBHOOK_COLUMNS, type WebhookRow } from './webhook-rows.js';
import { MAX_WEBHOOKS, WEBHOOKS_CHANNEL } from './webhook.values.js';

const CHECK_MS = 5_000;
const ROWS_AT_ONCE = 1_000;

/** Who is told of events elsewhere. */
@Injectable()
export class Webhooks {
  constructor(
    private readonly database: Database,
    private readonly egress: Egress,
    private readonly notifications: Notifications,
  ) {}

  /** Newest first. */
  async list({ limit, cursor }: PageQuery): Promise<Plain<WebhookPage>> {
    const after = placeAfter(cursor);
    const rows = await this.database.query<WebhookRow & Cursor>(
      `SELECT ${WEBHOOK_COLUMNS}, ${exactTime('created_at')} AS at FROM webhooks
        WHERE (created_at, id) < ($1::timestamptz, $2::uuid)
        ORDER BY created_at DESC, id DESC LIMIT $3`,
      [after.at, after.id, limit + 1],
    );
    return pageOf(rows, limit, presentWebhook);
  }

  /** @throws Problem NOT_FOUND */
  async get(id: string): Promise<Plain<WebhookView>> {
    const [row] = await this.database.query<WebhookRow>(`SELECT ${WEBHOOK_COLUMNS} FROM webhooks WHERE id = $1`, [id]);
    return presentWebhook(found(row, id));
  }

  /** @throws Problem VALIDATION_ERROR, CONFLICT */
  async create(body: CreateWebhook, principalId: string): Promise<Plain<CreatedWebhook>> {
    await this.check(body.url);
    const secret = body.secret ?? newWebhookSecret();
    const row = await this.database.transaction(async (tx) => {
      await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('nyx webhooks', 0))`);
      const [made] = await tx.query<WebhookRow>(
        `INSERT INTO webhooks (id, url, description, event_types, workflow_id, is_enabled, secret, created_by)
         SELECT $1, $2, $3, $4, $5, $6, $7, $8 WHERE (SELECT count(*) FROM webhooks) < ${MAX_WEBHOOKS}
         RETURNING ${WEBHOOK_COLUMNS}`,
        [
          ...[newId(), body.url, body.description, body.event_types, body.workflow_id, body.enabled ?? true],
          ...[secret, principalId],
        ],
      );
      if (made === undefined) throw new Problem('CONFLICT', `There may be ${MAX_WEBHOOKS} webhooks.`);
      return made;
    });
    this.announce(row.id);
    return { ...presentWebhook(row), secret };
  }

  /** @throws Problem NOT_FOUND, VALIDATION_ERROR */
  async update(id: string, body: UpdateWebhook): Promise<Plain<UpdatedWebhook>> {
    if (body.url !== undefined) await this.check(body.url);
    const secret = body.secret ?? (body.rotate_secret === true ? newWebhookSecret() : undefined);
    const [row] = await this.database.query<WebhookRow>(
      `UPDATE webhooks SET url = coalesce($2, url), event_types = coalesce($3, event_types),
              description = CASE WHEN $4::boolean THEN $5 ELSE description END,
              workflow_id = CASE WHEN $6::boolean THEN $7::uuid ELSE workflow_id END,
              is_enabled = coalesce($8, is_enabled),
              disabled_reason = CASE WHEN $8::boolean IS NULL THEN disabled_reason END,
              failing_since = CASE WHEN $8::boolean IS NOT TRUE THEN failing_since END,
              secret = coalesce($9, secret),
              previous_secret = CASE WHEN $9::text IS NULL THEN previous_secret ELSE secret END,
              previous_secret_until = CASE WHEN $9::text IS NULL THEN previous_secret_until ELSE now() + interval '24 hours' END,
              updated_at = now()
        WHERE id = $1 RETURNING ${WEBHOOK_COLUMNS}`,
      [
        ...[id, body.url, body.event_types],
        ...[body.description !== undefined, body.description, body.workflow_id !== undefined, body.workflow_id],
        ...[body.enabled, secret],
      ],
    );
    const changed = presentWebhook(found(row, id));
    this.announce(id);
    return secret === undefined ? changed : { ...changed, secret };
  }

  /** With all its deliveries. @throws Problem NOT_FOUND */
  async remove(id: string): Promise<void> {
    const known = await this.database.query('UPDATE webhooks SET is_enabled = false WHERE id = $1 RETURNING id', [id]);
    if (known.length === 0) throw notFound(`Webhook ${id}`);
    // By batches: whoever appends events waits for a removal of the webhook itself, so that has to be short.
    while (await this.removeDeliveries(id));
    await this.database.query('DELETE FROM webhooks WHERE id = $1', [id]);
  }

  private async removeDeliveries(webhookId: string): Promise<boolean> {
    const gone = await this.database.query(
      `DELETE FROM webhook_deliveries WHERE id = ANY (ARRAY(
         SELECT id FROM webhook_deliveries WHERE webhook_id = $1 ORDER BY created_at LIMIT ${ROWS_AT_ONCE} FOR UPDATE SKIP LOCKED)) RETURNING id`,
      [webhookId],
    );
    return gone.length > 0;
  }

  /** Also when it is sent: a name may lead elsewhere by then. @throws Problem VALIDATION_ERROR */
  private async check(url: string): Promise<void> {
    try {
      await this.egress.check({ url, allowedHosts: allowedHostsOf(url), timeoutMs: CHECK_MS });
    } catch (error) {
      if (error instanceof EgressRefused || error instanceof EgressFailed) throw invalid('url', error.message);
      throw error;
    }
  }

  private announce(id: string): void {
    this.notifications.notify(WEBHOOKS_CHANNEL, id);
  }
}

function found(row: WebhookRow | undefined, id: string): WebhookRow {
  if (row === undefined) throw notFound(`Webhook ${id}`);
  return row;
}
