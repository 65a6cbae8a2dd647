var __decorate = (this && this.__decorate) || function (decorators, target, key, desc) {
    var c = arguments.length, r = c < 3 ? target : desc === null ? desc = Object.getOwnPropertyDescriptor(target, key) : desc, d;
    if (typeof Reflect === "object" && typeof Reflect.decorate === "function") r = Reflect.decorate(decorators, target, key, desc);
    else for (var i = decorators.length - 1; i >= 0; i--) if (d = decorators[i]) r = (c < 3 ? d(r) : c > 3 ? d(target, key, r) : d(target, key)) || r;
    return c > 3 && r && Object.defineProperty(target, key, r), r;
};
var __metadata = (this && this.__metadata) || function (k, v) {
    if (typeof Reflect === "object" && typeof Reflect.metadata === "function") return Reflect.metadata(k, v);
};
var WorkflowReconciler_1;
import { Injectable, Logger } from '@nestjs/common';
import { Database } from '../../database/database.service.js';
import { Recovery } from '../../durable/recovery.service.js';
import { EventFeed } from '../../events/event-feed.js';
import { WorkflowEnder } from './workflow-ender.js';
const BATCH = 1_000;
const FAILURES = {
    given_up: {
        code: 'GIVEN_UP',
        message: 'The process that ran this workflow died too often while running it; it was given up after 5 recoveries.',
    },
    failed: { code: 'INTERNAL', message: 'The workflow stopped on an internal error, which is in the log.' },
    cancelled: { code: 'CANCELLED', message: 'The workflow was cancelled in the durable engine.' },
};
/** Gives an end to workflows whose durable function ended without writing one. */
let WorkflowReconciler = WorkflowReconciler_1 = class WorkflowReconciler {
    database;
    recovery;
    ender;
    feed;
    logger = new Logger(WorkflowReconciler_1.name);
    constructor(database, recovery, ender, feed) {
        this.database = database;
        this.recovery = recovery;
        this.ender = ender;
        this.feed = feed;
        recovery.onSweep(() => this.reconcile());
    }
    async reconcile() {
        const active = await this.database.query(`SELECT id FROM workflows WHERE status IN ('pending', 'in_progress') ORDER BY created_at, id LIMIT ${BATCH}`);
        if (active.length === 0)
            return;
        for (const { id, kind } of await this.recovery.abnormalEnds(active.map(({ id }) => id))) {
            const ended = await this.database.transaction((tx) => this.ender.giveUp(tx, id, FAILURES[kind]));
            if (!ended)
                continue;
            this.logger.error(`Workflow ${id} was ended as failed: ${FAILURES[kind].message}`);
            this.feed.announce(id);
        }
    }
};
WorkflowReconciler = WorkflowReconciler_1 = __decorate([
    Injectable(),
    __metadata("design:paramtypes", [Database,
        Recovery,
        WorkflowEnder,
        EventFeed])
], WorkflowReconciler);
export { WorkflowReconciler };
//# sourceMappingURL=workflow-reconciler.js.map