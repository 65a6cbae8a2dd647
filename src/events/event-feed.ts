import { Injectable } from '@nestjs/common';
import { Notifications } from '../database/notifications.service.js';

const CHANNEL = 'nyx_events';

/** Tells every replica that a workflow has new events. Only a hint: whoever hears it reads the log from where it was. */
@Injectable()
export class EventFeed {
  private readonly waiting = new Map<string, Set<() => void>>();

  constructor(private readonly notifications: Notifications) {
    notifications.on(CHANNEL, (workflowId) => this.wake(workflowId));
    notifications.onReconnect(() => {
      for (const workflowId of this.waiting.keys()) this.wake(workflowId);
    });
  }

  /** After the commit that appended events. Whoever watches in this process hears it at once, the others by NOTIFY. */
  announce(workflowId: string): void {
    this.wake(workflowId);
    this.notifications.notify(CHANNEL, workflowId);
  }

  /** Calls `listener` whenever the workflow may have new events; returns how to stop. */
  watch(workflowId: string, listener: () => void): () => void {
    const listeners = this.waiting.get(workflowId) ?? new Set<() => void>();
    this.waiting.set(workflowId, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.waiting.delete(workflowId);
    };
  }

  private wake(workflowId: string): void {
    for (const listener of this.waiting.get(workflowId) ?? []) listener();
  }
}
