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
import { EventLog } from '../../events/event-log.js';
import { progressPercentage } from '../workflows/progress.rules.js';
/** The rows of a running workflow's tree, each change with its events. Every method belongs in a step's transaction. */
let TreeWriter = class TreeWriter {
    events;
    constructor(events) {
        this.events = events;
    }
    async spawnAgent(tx, run, task, agentClass) {
        await tx.query(`INSERT INTO agents (id, thought_tree_id, agent_type, agent_class, status, spawned_by, context)
       VALUES ($1, $2, 'task', $3, 'active', $4, $5)`, [task.agentId, task.thoughtId, agentClass, run.orchestratorId, { purpose: task.purpose }]);
        await this.events.append(tx, run.workflowId, [
            {
                type: 'agent.spawned',
                data: { agent_id: task.agentId, thought_id: task.thoughtId, agent_type: 'task', agent_class: agentClass },
            },
        ]);
    }
    async startThought(tx, run, thoughtId) {
        await tx.query(`UPDATE thought_trees SET status = 'in_progress', updated_at = now() WHERE id = $1`, [thoughtId]);
        await this.events.append(tx, run.workflowId, [{ type: 'thought.started', data: { thought_id: thoughtId } }]);
    }
    /** A model call that ended well or was answered in vain; called in the transaction that settles it. */
    async recordAnswer(tx, run, task, answer) {
        await this.events.append(tx, run.workflowId, [answeredEvent(task, answer)]);
    }
    async completeAgent(tx, run, task, answer) {
        await this.endAgent(tx, task, 'completed', {
            success: true,
            interaction_id: answer.interactionId,
            cost_usd: answer.costUsd.toNumber(),
            retries: answer.retryCount,
        });
        await this.events.append(tx, run.workflowId, [
            answeredEvent(task, answer),
            { type: 'agent.completed', data: { agent_id: task.agentId, thought_id: task.thoughtId } },
            ...(await this.endThought(tx, run, task.thoughtId, 'completed')),
        ]);
    }
    async failAgent(tx, run, task, failure, answer) {
        await this.endAgent(tx, task, 'failed', {
            success: false,
            error: failure,
            ...(answer && { interaction_id: answer.interactionId, cost_usd: answer.costUsd.toNumber() }),
        });
        await this.events.append(tx, run.workflowId, [
            ...(answer === undefined ? [] : [answeredEvent(task, answer)]),
            { type: 'agent.failed', data: { agent_id: task.agentId, thought_id: task.thoughtId, ...failure } },
            ...(await this.endThought(tx, run, task.thoughtId, 'failed', failure.message)),
        ]);
    }
    /** A subtask that is not run because something it needs is missing. */
    async skipThought(tx, run, thoughtId, reason) {
        await this.events.append(tx, run.workflowId, await this.endThought(tx, run, thoughtId, 'cancelled', reason));
    }
    async planThoughts(tx, run, thoughts) {
        await tx.query(`INSERT INTO thought_trees (id, parent_id, root_id, goal, depth, position, metadata)
       SELECT (t->>'id')::uuid, $1, $1, t->>'goal', 1, (t->>'position')::int, t->'metadata' FROM jsonb_array_elements($2::jsonb) t`, [
            run.workflowId,
            JSON.stringify(thoughts.map(({ id, dependencies, subtask }, position) => ({
                id,
                goal: subtask.title,
                position,
                metadata: { plan_id: subtask.id, kind: subtask.kind, instructions: subtask.instructions, dependencies },
            }))),
        ]);
        await tx.query(`UPDATE workflows SET phase = 'executing', updated_at = now() WHERE id = $1`, [run.workflowId]);
        await this.events.append(tx, run.workflowId, [
            {
                type: 'workflow.planned',
                data: { subtasks: thoughts.map(({ id, subtask }) => ({ thought_id: id, title: subtask.title, kind: subtask.kind })) },
            },
            { type: 'workflow.progress', data: { progress_percentage: progressPercentage('executing', 0, thoughts.length) } },
        ]);
    }
    async endAgent(tx, task, status, result) {
        await tx.query(`UPDATE agents SET status = $2, completed_at = now(), state = jsonb_build_object('result', $3::jsonb)
        WHERE id = $1 AND status NOT IN ('completed', 'failed')`, [task.agentId, status, result]);
    }
    /** Subtasks end with their agent; the root thought ends with its workflow. */
    async endThought(tx, run, thoughtId, status, reason) {
        if (thoughtId === run.workflowId)
            return [];
        await tx.query(`UPDATE thought_trees SET status = $2, completed_at = now(), updated_at = now(),
              metadata = metadata || jsonb_strip_nulls(jsonb_build_object('reason', $3::text)) WHERE id = $1`, [thoughtId, status, reason ?? null]);
        const progress = await this.progressOf(tx, run);
        return [
            {
                type: status === 'completed' ? 'thought.completed' : 'thought.failed',
                data: { thought_id: thoughtId, status, ...(reason !== undefined && { reason }) },
            },
            { type: 'workflow.progress', data: { progress_percentage: progress } },
        ];
    }
    /** Counted under the lock of the event stream, so that concurrent branches announce progress that never falls. */
    async progressOf(tx, run) {
        await tx.query('SELECT FROM event_streams WHERE workflow_id = $1 FOR UPDATE', [run.workflowId]);
        const [row] = await tx.query(`SELECT count(*) FILTER (WHERE status IN ('completed', 'failed', 'cancelled'))::int AS done, count(*)::int AS total
         FROM thought_trees WHERE parent_id = $1`, [run.workflowId]);
        return progressPercentage('executing', row?.done ?? 0, row?.total ?? 0);
    }
};
TreeWriter = __decorate([
    Injectable(),
    __metadata("design:paramtypes", [EventLog])
], TreeWriter);
export { TreeWriter };
const answeredEvent = (task, answer) => ({
    type: 'llm.completed',
    data: {
        interaction_id: answer.interactionId,
        agent_id: task.agentId,
        thought_id: task.thoughtId,
        purpose: task.purpose,
        model: answer.model,
        provider: answer.provider,
        input_tokens: answer.usage.inputTokens,
        output_tokens: answer.usage.outputTokens,
        cost_usd: answer.costUsd.toNumber(),
        latency_ms: answer.latencyMs,
    },
});
//# sourceMappingURL=tree-writer.js.map