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
import { Database } from '../../database/database.service.js';
import { EventFeed } from '../../events/event-feed.js';
/** Notifications may be lost: without one the row is looked at this often. */
const LOOK_MS = 1_000;
/** Waits for the end of a workflow, whichever replica runs it. */
let WorkflowWait = class WorkflowWait {
    database;
    feed;
    stopping = new AbortController();
    constructor(database, feed) {
        this.database = database;
        this.feed = feed;
    }
    /** Whoever waits gets the 202 of an unfinished workflow when this process stops. */
    onModuleDestroy() {
        this.stopping.abort();
    }
    /** Resolves at the end of the workflow, after `timeoutMs`, or when this process stops. */
    async untilEnded(workflowId, timeoutMs) {
        const deadlineMs = performance.now() + timeoutMs;
        let news = Promise.withResolvers();
        const stopWatching = this.feed.watch(workflowId, () => news.resolve());
        try {
            while (!(await this.hasEnded(workflowId))) {
                const leftMs = deadlineMs - performance.now();
                if (leftMs <= 0 || this.stopping.signal.aborted)
                    return;
                await this.next(news.promise, Math.min(LOOK_MS, leftMs));
                news = Promise.withResolvers();
            }
        }
        finally {
            stopWatching();
        }
    }
    async next(news, timeoutMs) {
        const { promise: over, resolve } = Promise.withResolvers();
        const timer = setTimeout(resolve, timeoutMs);
        this.stopping.signal.addEventListener('abort', () => resolve(), { once: true });
        await Promise.race([news, over]);
        clearTimeout(timer);
    }
    async hasEnded(workflowId) {
        const rows = await this.database.query(`SELECT 1 FROM workflows WHERE id = $1 AND status IN ('completed', 'failed', 'cancelled')`, [workflowId]);
        return rows.length > 0;
    }
};
WorkflowWait = __decorate([
    Injectable(),
    __metadata("design:paramtypes", [Database,
        EventFeed])
], WorkflowWait);
export { WorkflowWait };
//# sourceMappingURL=workflow-wait.service.js.map