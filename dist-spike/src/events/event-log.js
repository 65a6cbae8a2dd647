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
import { Database } from '../database/database.service.js';
export const EVENT_TYPES = [
    'workflow.started',
    'workflow.planned',
    'workflow.progress',
    'workflow.paused',
    'workflow.resumed',
    'workflow.retried',
    'workflow.completed',
    'workflow.failed',
    'workflow.cancelled',
    'thought.started',
    'thought.completed',
    'thought.failed',
    'agent.spawned',
    'agent.completed',
    'agent.failed',
    'llm.completed',
    'tool.completed',
    'approval.requested',
    'approval.answered',
    'budget.warning',
];
/** What happened to workflows, in one gapless sequence each. Written in the transaction of the change it tells of. */
let EventLog = class EventLog {
    database;
    constructor(database) {
        this.database = database;
    }
    /** Begins the stream of a new workflow with its first events. */
    async begin(tx, workflowId, ownerId, events) {
        await tx.query('INSERT INTO event_streams (workflow_id, owner_id) VALUES ($1, $2)', [workflowId, ownerId]);
        await this.append(tx, workflowId, events);
    }
    /**
     * Appends events. The row lock of the stream is held until the transaction ends, so numbers follow the order of commits;
     * do this late in a transaction. Throws when the stream does not exist.
     */
    async append(tx, workflowId, events) {
        if (events.length === 0)
            return;
        const rows = await tx.query(`WITH stream AS (
         UPDATE event_streams SET last_seq = last_seq + $2::int WHERE workflow_id = $1 RETURNING last_seq - $2::int AS before
       )
       INSERT INTO workflow_events (workflow_id, seq, type, data)
       SELECT $1, stream.before + e.n, e.event->>'type', e.event->'data'
         FROM stream, jsonb_array_elements($3::jsonb) WITH ORDINALITY AS e(event, n)
       RETURNING seq`, [workflowId, events.length, JSON.stringify(events.map(({ type, data }) => ({ type, data })))]);
        if (rows.length !== events.length)
            throw new Error(`There is no event stream of workflow ${workflowId}.`);
    }
    /** Events after `afterSeq` in order, at most `limit`. */
    async read(workflowId, afterSeq, limit) {
        const rows = await this.database.query('SELECT seq, type, at, data FROM workflow_events WHERE workflow_id = $1 AND seq > $2 ORDER BY seq LIMIT $3', [workflowId, afterSeq, limit]);
        return rows.map((row) => ({ ...row, workflowId, seq: Number(row.seq) }));
    }
};
EventLog = __decorate([
    Injectable(),
    __metadata("design:paramtypes", [Database])
], EventLog);
export { EventLog };
//# sourceMappingURL=event-log.js.map