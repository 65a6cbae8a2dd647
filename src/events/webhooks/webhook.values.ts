import { EVENT_TYPES } from '../event-log.js';

/**
 * `pending`: not tried yet. `failed`: tried in vain, and tried again when it is due. `dead`: not tried any more, unless somebody has
 * it delivered again.
 */
export const DELIVERY_STATUSES = ['pending', 'delivered', 'failed', 'dead'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** SQL: it is still to be delivered. As the partial indexes have it. */
export const IS_OPEN = `status IN ('pending', 'failed')`;

/** Stands for every type of event, also of those to come. */
const EVERY_TYPE = '*';
export const SUBSCRIBABLE_TYPES = [...EVENT_TYPES, EVERY_TYPE] as const;
export type SubscribableType = (typeof SUBSCRIBABLE_TYPES)[number];

/** Every look at what is due visits each of them. */
export const MAX_WEBHOOKS = 50;

/** Something about webhooks changed, or is to be delivered again. */
export const WEBHOOKS_CHANNEL = 'nyx_webhooks';
