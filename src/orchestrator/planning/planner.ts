import { Injectable } from '@nestjs/common';
import { Ajv } from 'ajv';
import { derivedId } from '../../database/ids.js';
import { Durable } from '../../durable/durable.service.js';
import { EventFeed } from '../../events/event-feed.js';
import { Problem } from '../../http/problem.js';
import type { LlmAnswer } from '../../llm/llm-call.js';
import { AgentCaller, type AgentCall } from '../run/agent-caller.js';
import { RunReader } from '../run/run-reader.js';
import { TreeWriter, type NewThought } from '../run/tree-writer.js';
import type { WorkflowRun } from '../run/workflow-run.js';
import { inOrder, PLAN_SCHEMA, planErrors, type Plan, type TaskKind } from './plan.rules.js';
import { PLAN_OUTPUT, Prompts } from './prompts.js';

/** A plan that could not be used is asked for again this often. */
const MAX_REPAIRS = 2;

export interface PlannedThought {
  readonly thoughtId: string;
  readonly kind: TaskKind;
  /** Thought ids. */
  readonly dependencies: readonly string[];
}

export type Planning =
  | { readonly kind: 'planned'; readonly thoughts: readonly PlannedThought[] }
  | { readonly kind: 'unusable'; readonly reason: string }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };

interface Draft {
  readonly interactionId: string;
  readonly errors: readonly string[];
}

/** Has a model break the workflow into subtasks, checks its plan, and writes it into the tree. */
@Injectable()
export class Planner {
  private readonly fitsSchema = new Ajv({ allErrors: true }).compile<Plan>(PLAN_SCHEMA);

  constructor(
    private readonly caller: AgentCaller,
    private readonly durable: Durable,
    private readonly tree: TreeWriter,
    private readonly reader: RunReader,
    private readonly prompts: Prompts,
    private readonly feed: EventFeed,
  ) {}

  async plan(run: WorkflowRun): Promise<Planning> {
    const agentId = derivedId(run.workflowId, 'planner');
    const agent = { agentId, thoughtId: run.workflowId, agentClass: 'task_decomposition', purpose: 'plan' };
    let errors: readonly string[] = [];
    for (let attempt = 0; attempt <= MAX_REPAIRS; attempt += 1) {
      const purpose = attempt === 0 ? 'plan' : `plan:repair-${attempt}`;
      const draft = await this.draft(run, { ...agent, purpose, prompt: this.promptFor(run, errors) });
      if (draft instanceof Problem) {
        await this.caller.fail(run, agent, draft);
        return { kind: 'failed', code: draft.code, message: draft.detail };
      }
      if (draft.errors.length === 0) return { kind: 'planned', thoughts: await this.write(run, draft) };
      errors = draft.errors;
    }
    const reason = `no usable plan in ${MAX_REPAIRS + 1} attempts: ${errors.join('; ')}`;
    await this.durable.commit('plan:unusable', (tx) =>
      this.tree.failAgent(tx, run, agent, { code: 'PLAN_UNUSABLE', message: reason }),
    );
    return { kind: 'unusable', reason };
  }

  private promptFor(run: WorkflowRun, errors: readonly string[]): AgentCall['prompt'] {
    return async () => {
      const brief = await this.reader.brief(run.workflowId);
      return errors.length === 0
        ? this.prompts.planning(brief, run.maxSubtasks)
        : this.prompts.repair(brief, run.maxSubtasks, errors);
    };
  }

  private async draft(run: WorkflowRun, call: AgentCall): Promise<Draft | Problem> {
    const errorsOf = (answer: LlmAnswer): string[] => this.errorsOf(answer, run.maxSubtasks);
    const draft = await this.caller.ask<Draft>(run, call, {
      output: PLAN_OUTPUT,
      commit: (tx, answer) =>
        errorsOf(answer).length === 0
          ? this.tree.completeAgent(tx, run, call, answer)
          : this.tree.recordAnswer(tx, run, call, answer),
      result: (answer) => ({ interactionId: answer.interactionId, errors: errorsOf(answer) }),
    });
    if ('unmet' in draft) throw new Error('A plan depends on nothing.');
    return draft;
  }

  private errorsOf(answer: LlmAnswer, maxSubtasks: number): string[] {
    if (answer.fault !== undefined) return [answer.fault.message];
    if (this.fitsSchema(answer.json)) return planErrors(answer.json.subtasks, maxSubtasks);
    return (this.fitsSchema.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`.trim());
  }

  private async write(run: WorkflowRun, draft: Draft): Promise<PlannedThought[]> {
    const thoughts = await this.durable.commit('plan:write', async (tx) => {
      const [row] = await tx.query<{ plan: Plan }>(`SELECT response AS plan FROM llm_interactions WHERE id = $1`, [
        draft.interactionId,
      ]);
      if (row === undefined) throw new Error(`The plan ${draft.interactionId} has no row.`);
      const planned = thoughtsOf(run.workflowId, row.plan);
      await this.tree.planThoughts(tx, run, planned);
      return planned.map(({ id, dependencies, subtask }) => ({ thoughtId: id, dependencies, kind: subtask.kind }));
    });
    this.feed.announce(run.workflowId);
    return thoughts;
  }
}

function thoughtsOf(workflowId: string, plan: Plan): NewThought[] {
  const thoughtId = (planId: string): string => derivedId(workflowId, 'subtask', planId);
  return inOrder(plan.subtasks).map((subtask) => ({
    id: thoughtId(subtask.id),
    dependencies: [...new Set(subtask.dependencies)].map(thoughtId),
    subtask,
  }));
}
