import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../database/sql.js';
import { storableJson, storableText } from '../../database/storable.js';
import { eventText, type NewEvent } from '../../events/event-data.js';
import { EventLog } from '../../events/event-log.js';
import { contentOf } from '../../llm/interactions/content.sql.js';
import type { AgentType } from '../agents/agent.values.js';
import type { ApprovalKind } from '../approvals/approval.values.js';
import { OutcomeRecorder } from '../learning/outcome-recorder.js';
import { Lessons } from '../memory/lessons.js';
import { AgentStates, terminateAgentsOf } from './agent-states.js';
import { JOINED_RESULTS } from './results.sql.js';
import { approvalAnswered } from './tree-events.js';
import { withLimitNamed } from './unfinished.rules.js';
import type { StrategyOutcome, WorkflowRun } from './workflow-run.js';
import { ENDED_COLUMNS, WorkflowTelemetry, type EndedRow } from './workflow-telemetry.js';

interface ClosedRow {
  /** Of agents that had not ended. */
  readonly terminated: readonly AgentType[];
  readonly expired: readonly { readonly approval_id: string; readonly kind: ApprovalKind }[];
}

/** The last rows of a workflow, however it ends. Nothing of it changes afterwards. */
@Injectable()
export class WorkflowEnder {
  constructor(
    private readonly events: EventLog,
    private readonly outcomes: OutcomeRecorder,
    private readonly lessons: Lessons,
    private readonly agents: AgentStates,
    private readonly telemetry: WorkflowTelemetry,
  ) {}

  async end(tx: Transaction, run: WorkflowRun, outcome: StrategyOutcome): Promise<void> {
    const { workflowId } = run;
    const failure = outcome.failure === undefined ? undefined : withLimitNamed(outcome.failure);
    const status = failure === undefined ? 'completed' : 'failed';
    const ended = tx.query<EndedRow>(
      `UPDATE workflows SET status = $2, phase = 'completed', success = $3, error_code = $4, error_message = $5,
              warnings = warnings || $6::jsonb, completed_at = now(), updated_at = now(),
              provider = (SELECT provider FROM llm_interactions WHERE workflow_id = $1 ORDER BY request_timestamp LIMIT 1),
              result_content = coalesce((SELECT ${contentOf('i')} FROM llm_interactions i WHERE i.id = $7::uuid), ${JOINED_RESULTS}, '')
        WHERE id = $1 RETURNING ${ENDED_COLUMNS}`,
      [
        workflowId,
        status,
        failure === undefined,
        failure?.code ?? null,
        failure === undefined ? null : storableText(failure.message),
        storableJson(outcome.warnings),
        outcome.contentFrom ?? null,
      ],
    );
    tx.send('UPDATE thought_trees SET status = $2, completed_at = now(), updated_at = now() WHERE id = $1', [
      workflowId,
      status,
    ]);
    const closed = this.closeTree(tx, workflowId, { thoughts: 'cancelled', orchestrators: status });
    const [[row], open] = await Promise.all([ended, closed, this.outcomes.record(tx, workflowId)]);
    this.events.append(tx, workflowId, [...open, ...budgetWarning(failure), endEvent(failure)]);
    await this.lessons.learn(tx, run, { ...outcome, failure });
    if (row !== undefined) await this.telemetry.ended(tx, row);
  }

  /** For a workflow that cannot end itself: its durable function died for good. */
  async giveUp(tx: Transaction, workflowId: string, failure: { code: string; message: string }): Promise<boolean> {
    const [row] = await tx.query<EndedRow>(
      `UPDATE workflows SET status = 'failed', phase = 'completed', success = false, error_code = $2, error_message = $3,
              result_content = coalesce(${JOINED_RESULTS}, ''), completed_at = now(), updated_at = now()
        WHERE id = $1 AND status IN ('pending', 'in_progress') RETURNING ${ENDED_COLUMNS}`,
      [workflowId, failure.code, failure.message],
    );
    if (row === undefined) return false;
    const closed = this.closeTree(tx, workflowId, { thoughts: 'failed', orchestrators: 'failed' });
    const [open] = await Promise.all([closed, this.outcomes.record(tx, workflowId)]);
    this.events.append(tx, workflowId, [...open, endEvent(failure)]);
    await this.telemetry.ended(tx, row);
    return true;
  }

  /** @returns whether the workflow was still running */
  async cancel(tx: Transaction, workflowId: string): Promise<boolean> {
    const [row] = await tx.query<EndedRow>(
      `UPDATE workflows SET status = 'cancelled', phase = 'completed', success = false, error_code = 'CANCELLED',
              error_message = 'The workflow was cancelled.', result_content = coalesce(${JOINED_RESULTS}, ''),
              completed_at = now(), updated_at = now()
        WHERE id = $1 AND status IN ('pending', 'in_progress') RETURNING ${ENDED_COLUMNS}`,
      [workflowId],
    );
    if (row === undefined) return false;
    const closed = this.closeTree(tx, workflowId, { thoughts: 'cancelled', orchestrators: 'terminated' });
    const [open] = await Promise.all([closed, this.outcomes.record(tx, workflowId)]);
    this.events.append(tx, workflowId, [...open, { type: 'workflow.cancelled', data: { status: 'cancelled' } }]);
    await this.telemetry.ended(tx, row);
    return true;
  }

  /** @returns what is to be told of questions that nobody can answer any more; thoughts and agents end with the workflow, unannounced */
  private async closeTree(
    tx: Transaction,
    workflowId: string,
    to: { thoughts: 'cancelled' | 'failed'; orchestrators: 'completed' | 'failed' | 'terminated' },
  ): Promise<NewEvent[]> {
    const [row] = await tx.query<ClosedRow>(
      `WITH thoughts AS (
         UPDATE thought_trees SET status = $2, completed_at = now(), updated_at = now()
          WHERE root_id = $1 AND status IN ('pending', 'in_progress')
       ), agents AS (${terminateAgentsOf('$1')}
       ), approvals AS (
         UPDATE approvals SET status = 'expired', answered_at = now() WHERE workflow_id = $1 AND status = 'pending'
         RETURNING id, kind, created_at
       ), orchestrators_ended AS (
         UPDATE orchestrators SET status = $3, completed_at = now()
          WHERE thought_tree_id IN (SELECT id FROM thought_trees WHERE root_id = $1) AND completed_at IS NULL
       )
       SELECT ARRAY(SELECT agent_type FROM agents) AS terminated,
              (SELECT coalesce(jsonb_agg(jsonb_build_object('approval_id', id, 'kind', kind) ORDER BY created_at, id), '[]')
                 FROM approvals) AS expired`,
      [workflowId, to.thoughts, to.orchestrators],
    );
    for (const type of row?.terminated ?? []) this.agents.noteEnd(tx, type, 'terminated');
    return (row?.expired ?? []).map((asked) => approvalAnswered({ ...asked, status: 'expired' }));
  }
}

const endEvent = (failure?: { code: string; message: string }): NewEvent =>
  failure === undefined
    ? { type: 'workflow.completed', data: { status: 'completed', progress_percentage: 100 } }
    : {
        type: 'workflow.failed',
        data: {
          status: 'failed',
          error_code: failure.code,
          error: eventText(failure.message),
        },
      };

const budgetWarning = (failure: StrategyOutcome['failure']): NewEvent[] =>
  failure?.code === 'BUDGET_EXCEEDED'
    ? [{ type: 'budget.warning', data: { message: eventText(failure.message) } }]
    : [];
