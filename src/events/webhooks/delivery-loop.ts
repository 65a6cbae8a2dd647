import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { AppConfig } from '../../config/app-config.js';
import { Notifications } from '../../database/notifications.service.js';
import { WakefulLoop } from '../../waiting/wakeful-loop.js';
import { EventFeed } from '../event-feed.js';
import { DeliveryOutcomes } from './delivery-outcomes.js';
import { type ClaimedDelivery, DeliveryQueue } from './delivery-queue.js';
import { DeliverySender } from './delivery-sender.js';
import { DeliverySweep } from './delivery-sweep.js';
import { WEBHOOKS_CHANNEL } from './webhook.values.js';

/** Under way in this process. As long as each webhook that fails has one place, those that do not find room beside them. */
const MAX_UNDER_WAY = 64;
/** A notification may be lost: an event is at most this late. */
const LOOK_MS = 15_000;
/** What another replica just looks at is looked at again after this. */
const LEAST_PAUSE_MS = 250;
const AFTER_ERROR_MS = 1_000;
/** Much is to be removed when less is kept than before: what is due goes out in between. */
const SWEEP_MS = 500;
/** Events that come together are looked for together. */
const GATHER_MS = 20;

/** Sends webhooks what is due. Every replica that works has one; `DeliveryQueue` hands each delivery to one of them. */
@Injectable()
export class DeliveryLoop implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(DeliveryLoop.name);
  private readonly loop = new WakefulLoop(() => this.look());
  private readonly underWay = new Map<Promise<void>, string>();
  private readonly stopping = new AbortController();
  private gathering: NodeJS.Timeout | undefined;
  private isAnybodyTold = false;

  constructor(
    private readonly queue: DeliveryQueue,
    private readonly sender: DeliverySender,
    private readonly outcomes: DeliveryOutcomes,
    private readonly sweep: DeliverySweep,
    config: AppConfig,
    feed: EventFeed,
    notifications: Notifications,
  ) {
    if (!config.duties.includes('worker')) void this.loop.stop();
    feed.watchAll(() => this.gather());
    notifications.on(WEBHOOKS_CHANNEL, () => this.loop.wake());
    notifications.onReconnect(() => this.loop.wake());
  }

  onApplicationBootstrap(): void {
    this.loop.wake();
  }

  /** What is under way is given up: another replica, or the next start, sends it again. */
  async onModuleDestroy(): Promise<void> {
    clearTimeout(this.gathering);
    this.stopping.abort();
    await this.loop.stop();
    await Promise.all(this.underWay.keys());
  }

  private gather(): void {
    if (!this.isAnybodyTold || this.loop.isStopping) return;
    this.gathering ??= setTimeout(() => {
      this.gathering = undefined;
      this.loop.wake();
    }, GATHER_MS);
  }

  /** Begins all that is due and finds a place. @returns milliseconds until there is something to do again */
  private async look(): Promise<number> {
    try {
      while (!this.loop.isStopping && this.underWay.size < MAX_UNDER_WAY && (await this.beginDue()));
      const isSwept = await this.sweep.whenDue(performance.now() + SWEEP_MS, () => this.loop.isStopping);
      const { ms, hasNone } = await this.queue.outlook(this.busy());
      this.isAnybodyTold = !hasNone;
      if (!isSwept) return LEAST_PAUSE_MS;
      // Whatever ends makes room, and wakes.
      if (ms === undefined || this.underWay.size >= MAX_UNDER_WAY) return LOOK_MS;
      return ms > 0 ? Math.min(LOOK_MS, Math.ceil(ms)) : LEAST_PAUSE_MS;
    } catch (error) {
      this.logger.warn(`What webhooks are to be told could not be looked at: ${String(error)}`);
      return AFTER_ERROR_MS;
    }
  }

  /** @returns whether anything was due */
  private async beginDue(): Promise<boolean> {
    const claimed = await this.queue.claim(MAX_UNDER_WAY - this.underWay.size, this.busy());
    for (const delivery of claimed ?? []) {
      const sending = this.deliver(delivery).finally(() => {
        this.underWay.delete(sending);
        this.loop.wake();
      });
      this.underWay.set(sending, delivery.webhook.id);
    }
    return claimed !== undefined;
  }

  /** Never rejects: what could not be written down is sent again when its time has run out. */
  private async deliver(delivery: ClaimedDelivery): Promise<void> {
    try {
      await this.outcomes.settle(delivery, await this.sender.send(delivery, this.stopping.signal));
    } catch (error) {
      this.logger.error(`What became of delivery ${delivery.id} is not known: ${String(error)}`);
    }
  }

  private busy(): ReadonlyMap<string, number> {
    const places = new Map<string, number>();
    for (const webhookId of this.underWay.values()) places.set(webhookId, (places.get(webhookId) ?? 0) + 1);
    return places;
  }
}
