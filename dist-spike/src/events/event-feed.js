var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
import { Injectable } from '@nestjs/common';
import { Notifications } from '../database/notifications.service.js';
const CHANNEL = 'nyx_events';
/** Tells every replica that a workflow has new events. Only a hint: whoever hears it reads the log from where it was. */
let EventFeed = class EventFeed {
    notifications;
    waiting = new Map();
    constructor(notifications) {
        this.notifications = notifications;
        notifications.on(CHANNEL, (workflowId) => this.wake(workflowId));
        notifications.onReconnect(() => {
            for (const workflowId of this.waiting.keys())
                this.wake(workflowId);
        });
    }
    /** After the commit that appended events. */
    announce(workflowId) {
        this.notifications.notify(CHANNEL, workflowId);
    }
    /** Calls `listener` whenever the workflow may have new events; returns how to stop. */
    watch(workflowId, listener) {
        const listeners = this.waiting.get(workflowId) ?? new Set();
        this.waiting.set(workflowId, listeners.add(listener));
        return () => {
            listeners.delete(listener);
            if (listeners.size === 0)
                this.waiting.delete(workflowId);
        };
    }
    wake(workflowId) {
        for (const listener of this.waiting.get(workflowId) ?? [])
            listener();
    }
};
EventFeed = __decorate([
    Injectable(),
    __metadata("design:paramtypes", [Notifications])
], EventFeed);
export { EventFeed };
//# sourceMappingURL=event-feed.js.map