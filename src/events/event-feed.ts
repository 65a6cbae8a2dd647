import { Injectable } from '@nestjs/common';
import { Notifications } from '../database/notifications.service.js';

const CHANNEL = 'nyx_events';
const END = ' end';

/** What may be new of a workflow: `end` says that nothing comes after it. */
export type News = 'events' | 'end';

type Listener = (news: News) => void;

/** Tells every replica that a workflow has new events. Only a hint: whoever hears it reads the log from where it was. */
@Injectable()
export class EventFeed {
  private readonly waiting = new Map<string, Set<Listener>>();

  constructor(private readonly notifications: Notifications) {
    notifications.on(CHANNEL, (item) => {
      if (item.endsWith(END)) this.wake(item.slice(0, -END.length), 'end');
      else this.wake(item, 'events');
    });
    // Whatever was missed may have been the end.
    notifications.onReconnect(() => {
      for (const workflowId of this.waiting.keys()) this.wake(workflowId, 'end');
    });
  }

  /** After the commit that appended events. Whoever watches in this process hears it at once, the others by NOTIFY. */
  announce(workflowId: string, news: News = 'events'): void {
    this.wake(workflowId, news);
    this.notifications.notify(CHANNEL, news === 'end' ? `${workflowId}${END}` : workflowId);
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

  private wake(workflowId: string, news: News): void {
    for (const listener of this.waiting.get(workflowId) ?? []) listener(news);
  }
}
