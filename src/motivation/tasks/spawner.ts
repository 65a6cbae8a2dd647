import { Injectable } from '@nestjs/common';
import { newId } from '../../database/ids.js';
import type { Sql, Transaction } from '../../database/sql.js';
import { storableJson, storableText, storableValue } from '../../database/storable.js';
import { ValidationRules } from '../../orchestrator/agents/validator/validation-rules.js';
import { RequestCheck } from '../../orchestrator/workflows/request-check.service.js';
import { WorkflowAcceptance } from '../../orchestrator/workflows/workflow-acceptance.service.js';
import type { Considered } from '../dynamics/dynamics.types.js';
import type { EngineConfig } from '../engine/engine-config.js';
import type { Evidence, Motivation, Proposal } from '../motivations/motivation.js';
import type { StateRow } from '../states/state-rows.js';
import { autonomousRequest, textsOf } from './autonomous-request.rules.js';

/** Whose the workflows are that nobody asked for. */
const AUTONOMOUS_PRINCIPAL = 'motivation';

/** Tells every replica the id of a task when it has been spawned. */
export const TASKS_CHANNEL = 'nyx_motivational_tasks';

/** What these find keeps a prompt from being sent at any level: nobody looks at it before a model does. */
const VETOING_RULES: readonly string[] = ['sensitive_data', 'prompt_injection'];

export interface SpawnOrder {
  readonly state: StateRow;
  readonly motivation: Motivation;
  readonly proposal: Proposal;
  readonly evidence: Evidence;
  readonly considered: Considered;
  readonly config: EngineConfig;
  /** Of the evaluation, by the database. */
  readonly now: Date;
}

export interface TakenTarget {
  readonly type: string;
  readonly target: string;
  readonly taskId?: string | null;
  readonly seconds: number;
}

/** Makes the task and the workflow of a motivation that was chosen. */
@Injectable()
export class Spawner {
  constructor(
    private readonly requests: RequestCheck,
    private readonly acceptance: WorkflowAcceptance,
    private readonly rules: ValidationRules,
  ) {}

  /**
   * Writes workflow, task and target in the caller's transaction: all or nothing. Call `WorkflowAcceptance.begun` when it has committed.
   * @returns the id of both task and workflow
   * @throws Problem when the workflow cannot be accepted
   */
  async spawn(tx: Transaction, order: SpawnOrder): Promise<string> {
    const { motivation, evidence, considered, config, now } = order;
    const proposal = storableValue(order.proposal) as Proposal;
    const isSafe = config.safetyEnabled;
    const request = autonomousRequest(proposal, considered.score, considered.maxCostUsd);
    const id = newId();
    await this.acceptance.write(tx, id, this.requests.check(request), {
      principalId: AUTONOMOUS_PRINCIPAL,
      origin: 'motivation',
      isReadOnly: isSafe,
      goal: storableText(`AUTONOMOUS: ${motivation.type} - ${evidence.summary}`),
    });
    await tx.query(
      `WITH task AS (
         INSERT INTO motivational_tasks (id, motivational_state_id, thought_tree_id, generated_prompt, task_priority, arbitration_score,
                                         status, spawned_at, target, context)
         VALUES ($1, $2, $1, $3, $4, $4, 'spawned', $5, $6, $7) RETURNING id
       )
       SELECT pg_notify($8, id::text) FROM task`,
      [
        id,
        order.state.id,
        proposal.prompt,
        considered.score,
        now,
        proposal.target,
        contextOf(order, isSafe, request.execution_context.resource_limits),
        TASKS_CHANNEL,
      ],
    );
    await this.take(tx, {
      type: motivation.type,
      target: proposal.target,
      taskId: id,
      seconds: motivation.targetCooldownSeconds,
    });
    return id;
  }

  /**
   * Why a prompt may not be sent, in one sentence; undefined: it may. All is looked at that a model would read, what others wrote and
   * the prompt only quotes too: an error message is harmless, one that speaks to a model or holds a secret is not.
   */
  veto(proposal: Proposal): string | undefined {
    const judged = { content: textsOf(proposal), objective: '', outputFields: {} };
    const finding = this.rules
      .check(judged, 'standard')
      .find(({ rule, severity }) => severity === 'error' || VETOING_RULES.includes(rule));
    return finding && `${finding.rule}: ${finding.message.replace(/^The result/, 'The prompt')}`;
  }

  /** Keeps a motivation from taking up a target for some time. Without a task: nothing came of it. */
  async take(tx: Sql, { type, target, taskId = null, seconds }: TakenTarget): Promise<void> {
    await tx.query(
      `INSERT INTO motivational_targets (motivation_type, target, task_id, taken_until)
       VALUES ($1, $2, $3, now() + make_interval(secs => $4::float8))
       ON CONFLICT (motivation_type, target) DO UPDATE SET task_id = excluded.task_id, taken_until = excluded.taken_until`,
      [type, storableText(target), taskId, seconds],
    );
  }
}

/** Why the task is there, for people. JSON text. */
function contextOf({ evidence, considered }: SpawnOrder, isSafe: boolean, limits: object): string {
  const { category, boost, factors, before } = considered;
  return storableJson({
    category,
    evidence: { count: evidence.count, summary: evidence.summary, rows: evidence.rows },
    boost,
    factors,
    state_before: {
      urgency: before.urgency,
      satisfaction: before.satisfaction,
      decay_rate: before.decayRate,
      boost_factor: before.boostFactor,
      total_attempts: before.totalAttempts,
      success_rate: before.successRate,
    },
    limits,
    is_read_only: isSafe,
  });
}
