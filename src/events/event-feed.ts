import { Injectable } from '@nestjs/common';
import { Notifications } from '../database/notifications.service.js';
import { Metrics } from '../telemetry/metrics.js';

const CHANNEL = 'nyx_events';
const END = ' end';
/** More are under way only when the database hears nothing; then it is enough to know of some. */
const MAX_MEASURED = 10_000;

/** What may be new of a workflow: `end` says that nothing comes after it. */
export type News = 'events' | 'end';

type Listener = (news: News) => void;

/** Tells every replica that a workflow has new events. Only a hint: whoever hears it reads the log from where it was. */
@Injectable()
export class EventFeed {
  private readonly waiting = new Map<string, Set<Listener>>();
  private readonly waitingForAny = new Set<() => void>();

  /** When this process announced what it has not heard through the database yet. */
  private readonly announcedAt = new Map<string, number>();

  constructor(
    private readonly notifications: Notifications,
    private readonly metrics: Metrics,
  ) {
    notifications.on(CHANNEL, (item) => {
      this.measure(item);
      if (item.endsWith(END)) this.wake(item.slice(0, -END.length), 'end');
      else this.wake(item, 'events');
    });
    // Whatever was missed may have been the end.
    notifications.onReconnect(() => {
      this.announcedAt.clear();
      for (const workflowId of this.waiting.keys()) this.wake(workflowId, 'end');
    });
  }

  /** After the commit that appended events. Whoever watches in this process hears it at once, the others by NOTIFY. */
  announce(workflowId: string, news: News = 'events'): void {
    this.wake(workflowId, news);
    const item = news === 'end' ? `${workflowId}${END}` : workflowId;
    if (!this.announcedAt.has(item) && this.announcedAt.size < MAX_MEASURED)
      this.announcedAt.set(item, performance.now());
    this.notifications.notify(CHANNEL, item);
  }

  /** Calls `listener` whenever the workflow may have new events; returns how to stop. */
  watch(workflowId: string, listener: Listener): () => void {
    const listeners = this.waiting.get(workflowId) ?? new Set<Listener>();
    this.waiting.set(workflowId, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.waiting.delete(workflowId);
    };
  }

  /** Calls `listener` whenever any workflow may have new events, for as long as the process lives. */
  watchAll(listener: () => void): void {
    this.waitingForAny.add(listener);
  }

  private measure(item: string): void {
    const announcedAt = this.announcedAt.get(item);
    if (announcedAt === undefined || !this.announcedAt.delete(item)) return;
    this.metrics.events.lag.observe((performance.now() - announcedAt) / 1000);
  }

  private wake(workflowId: string, news: News): void {
    this.waitingForAny.forEach((listener) => listener());
    for (const listener of this.waiting.get(workflowId) ?? []) listener(news);
  }
}
