import { Injectable } from '@nestjs/common';
import { derivedId } from '../../database/ids.js';
import { Durable } from '../../durable/durable.service.js';
import { EventFeed } from '../../events/event-feed.js';
import { MemoryAgent } from '../memory/memory-agent.js';
import { Recall } from '../memory/recall.js';
import { RunReader } from '../run/run-reader.js';
import { PLAN, PLAN_RECALLED, PLAN_WRITE } from '../run/step-names.js';
import { StructuredAgent } from '../run/structured-agent.js';
import { TreeWriter } from '../run/tree-writer.js';
import type { NewThought } from '../run/tree-writer.types.js';
import type { WorkflowRun } from '../run/workflow-run.js';
import type { AnswerForm } from './answer-form.js';
import { inOrder, PLAN_FORM, planErrors, type Plan, type PlannedSubtask, type TaskKind } from './plan.rules.js';
import { Prompts, type PromptPair } from './prompts.js';

export interface PlannedThought {
  readonly thoughtId: string;
  readonly kind: TaskKind;
  /** Thought ids. */
  readonly dependencies: readonly string[];
  /** Too large for one agent. */
  readonly decompose?: boolean;
}

/** How a strategy has its plans made otherwise. */
export interface PlanStyle {
  readonly form: AnswerForm;
  readonly prompt: (usual: PromptPair) => PromptPair;
}

const USUAL: PlanStyle = { form: PLAN_FORM, prompt: (usual) => usual };

export type Planning =
  | { readonly kind: 'planned'; readonly thoughts: readonly PlannedThought[] }
  | { readonly kind: 'unusable'; readonly reason: string }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };

/** Has a model break the thought of an orchestrator into subtasks, checks its plan, and writes it into the tree. */
@Injectable()
export class Planner {
  constructor(
    private readonly agents: StructuredAgent,
    private readonly durable: Durable,
    private readonly tree: TreeWriter,
    private readonly reader: RunReader,
    private readonly prompts: Prompts,
    private readonly feed: EventFeed,
    private readonly recall: Recall,
    private readonly memory: MemoryAgent,
  ) {}

  async plan(run: WorkflowRun, style: PlanStyle = USUAL): Promise<Planning> {
    const { maxSubtasks } = run.settings;
    const planner = { agentId: derivedId(run.thoughtId, 'planner'), thoughtId: run.thoughtId };
    const memories = this.recall.of(run, planner);
    const ask = (purpose: string, mayNeedSummary: boolean) =>
      this.agents.runUnlessUnmet<Plan, null>(run, {
        ...planner,
        agentClass: 'task_decomposition',
        purpose,
        form: style.form,
        prompt: async (mistakes) => {
          const brief = await this.reader.briefAt(run);
          const asked = style.prompt(
            mistakes.length === 0
              ? this.prompts.planning(brief, maxSubtasks)
              : this.prompts.repair(brief, maxSubtasks, mistakes),
          );
          return mayNeedSummary ? memories.intoUnlessTooMuch(asked) : memories.into(asked);
        },
        started: (tx) => memories.keep(tx),
        mistakes: ({ subtasks }) => planErrors(subtasks, maxSubtasks),
        // A plan may be long; it stands in the interaction's row.
        keep: () => null,
      });
    let outcome = await ask(PLAN, mayPayForSummary(run));
    if ('unmet' in outcome) {
      await this.memory.summarise(run);
      outcome = await ask(PLAN_RECALLED, false);
    }
    if ('unmet' in outcome) throw new Error('A plan depends on nothing else.');
    if (outcome.ok) return { kind: 'planned', thoughts: await this.write(run, outcome.interactionId) };
    if (outcome.code === PLAN_FORM.unusableCode) return { kind: 'unusable', reason: outcome.message };
    return { kind: 'failed', code: outcome.code, message: outcome.message };
  }

  /** Writes the subtasks that stand in an interaction's structured answer into the tree, under the thought of the run. */
  async write(run: WorkflowRun, interactionId: string): Promise<PlannedThought[]> {
    const thoughts = await this.durable.commit(PLAN_WRITE, async (tx) => {
      const [row] = await tx.query<{ plan: Plan }>(`SELECT response AS plan FROM llm_interactions WHERE id = $1`, [
        interactionId,
      ]);
      if (row === undefined) throw new Error(`The plan ${interactionId} has no row.`);
      const planned = thoughtsOf(run.thoughtId, row.plan.subtasks);
      this.tree.planThoughts(tx, run, planned);
      return planned.map(({ id, dependencies, subtask }) => ({
        thoughtId: id,
        dependencies,
        kind: subtask.kind,
        ...(subtask.decompose === true && { decompose: true }),
      }));
    });
    this.feed.announce(run.workflowId);
    return thoughts;
  }
}

/** Sub-orchestrators find the summary of the top. Who saves cost or time does without: the planner is shown what there is room for. */
const mayPayForSummary = ({ depth, settings: { optimizationFocus: focus } }: WorkflowRun): boolean =>
  depth === 0 && focus !== 'cost' && focus !== 'speed';

function thoughtsOf(parentId: string, subtasks: readonly PlannedSubtask[]): NewThought[] {
  const thoughtId = (planId: string): string => derivedId(parentId, 'subtask', planId);
  return inOrder(subtasks).map((subtask) => ({
    id: thoughtId(subtask.id),
    dependencies: [...new Set(subtask.dependencies)].map(thoughtId),
    subtask,
  }));
}
