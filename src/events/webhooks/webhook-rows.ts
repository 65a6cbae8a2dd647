import type { Plain } from '../../http/plain.js';
import type { EventType } from '../event-log.js';
import type { DeliveryView } from './dto/delivery.dto.js';
import type { WebhookView } from './dto/webhook.dto.js';
import type { DeliveryStatus, SubscribableType } from './webhook.values.js';

export interface WebhookRow {
  readonly id: string;
  readonly url: string;
  readonly description: string | null;
  readonly event_types: SubscribableType[];
  readonly workflow_id: string | null;
  readonly is_enabled: boolean;
  readonly disabled_reason: string | null;
  readonly failing_since: Date | null;
  readonly previous_secret_until: Date | null;
  readonly created_by: string;
  readonly created_at: Date;
  readonly updated_at: Date;
}

/** Without the secrets. */
export const WEBHOOK_COLUMNS = `id, url, description, event_types, workflow_id, is_enabled, disabled_reason, failing_since,
  CASE WHEN previous_secret_until > now() THEN previous_secret_until END AS previous_secret_until, created_by, created_at, updated_at`;

export const presentWebhook = (row: WebhookRow): Plain<WebhookView> => ({
  id: row.id,
  url: row.url,
  event_types: row.event_types,
  description: row.description,
  workflow_id: row.workflow_id,
  enabled: row.is_enabled,
  disabled_reason: row.disabled_reason,
  failing_since: row.failing_since?.toISOString() ?? null,
  previous_secret_until: row.previous_secret_until?.toISOString() ?? null,
  created_by: row.created_by,
  created_at: row.created_at.toISOString(),
  updated_at: row.updated_at.toISOString(),
});

export interface DeliveryRow {
  readonly id: string;
  readonly workflow_id: string;
  readonly seq: string;
  readonly event_type: EventType;
  readonly status: DeliveryStatus;
  readonly attempts: number;
  readonly next_attempt_at: Date;
  readonly last_attempt_at: Date | null;
  readonly last_status: number | null;
  readonly last_error: string | null;
  readonly delivered_at: Date | null;
  readonly created_at: Date;
}

export const DELIVERY_COLUMNS = `id, workflow_id, seq, event_type, status, attempts, next_attempt_at, last_attempt_at, last_status,
  last_error, delivered_at, created_at`;

export const presentDelivery = (row: DeliveryRow): Plain<DeliveryView> => ({
  id: row.id,
  workflow_id: row.workflow_id,
  seq: Number(row.seq),
  type: row.event_type,
  status: row.status,
  attempts: row.attempts,
  next_attempt_at: ['pending', 'failed'].includes(row.status) ? row.next_attempt_at.toISOString() : null,
  last_attempt_at: row.last_attempt_at?.toISOString() ?? null,
  last_status: row.last_status,
  last_error: row.last_error,
  delivered_at: row.delivered_at?.toISOString() ?? null,
  created_at: row.created_at.toISOString(),
});
