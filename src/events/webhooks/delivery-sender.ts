import { Injectable } from '@nestjs/common';
import { RELEASE } from '../../config/release.js';
import { Egress } from '../../egress/egress.js';
import { EgressFailed, EgressRefused } from '../../egress/egress.types.js';
import { liveEvent } from '../live-event.js';
import type { ClaimedDelivery } from './delivery-queue.js';
import { askedDelayMs } from './retry-delay.rules.js';
import { signedHeaders } from './signature.rules.js';
import { allowedHostsOf } from './webhook-address.rules.js';

const TIMEOUT_MS = 15_000;
/** Of an answer; nothing in it matters, and a receiver that says more has been heard. */
const MAX_ANSWER_BYTES = 16_384;
const GONE = 410;

export type SendOutcome =
  | { readonly kind: 'delivered'; readonly status: number }
  | {
      readonly kind: 'failed';
      readonly status?: number;
      /** One sentence without the path of the URL. */
      readonly error: string;
      readonly askedMs: number;
      /** The receiver wants nothing any more. */
      readonly isGone: boolean;
    }
  /** This process stops; another one sends it. */
  | { readonly kind: 'given_up' };

/** Sends one delivery once. Only a whole answer of 2xx counts; no redirect is followed. */
@Injectable()
export class DeliverySender {
  constructor(private readonly egress: Egress) {}

  async send({ id, webhook, event }: ClaimedDelivery, signal: AbortSignal): Promise<SendOutcome> {
    const body = JSON.stringify(liveEvent(event));
    try {
      const { status, headers } = await this.egress.fetch({
        url: webhook.url,
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'user-agent': `NYX/${RELEASE}`,
          'accept-encoding': 'identity',
          ...signedHeaders({ id, body }, webhook.secrets, new Date()),
        },
        body,
        allowedHosts: allowedHostsOf(webhook.url),
        maxRedirects: 0,
        maxBytes: MAX_ANSWER_BYTES,
        timeoutMs: TIMEOUT_MS,
        signal,
      });
      if (status >= 200 && status < 300) return { kind: 'delivered', status };
      const askedMs = askedDelayMs(status, headers['retry-after'], new Date());
      return { kind: 'failed', status, error: `It answered ${status}.`, askedMs, isGone: status === GONE };
    } catch (error) {
      if (signal.aborted) return { kind: 'given_up' };
      if (!(error instanceof EgressRefused || error instanceof EgressFailed)) throw error;
      return { kind: 'failed', error: error.message, askedMs: 0, isGone: false };
    }
  }
}
