import { Injectable, type OnModuleInit } from '@nestjs/common';
import { derivedId } from '../../database/ids.js';
import { Pacing } from '../adaptation/pacing.js';
import { Durable } from '../../durable/durable.service.js';
import type { PlannedThought } from '../planning/planner.js';
import { alikeSubtasks, type AlikeCalls } from '../planning/reuse.rules.js';
import type { WorkflowRun } from '../run/workflow-run.js';
import { startable } from './scheduling.rules.js';
import { Subtasks } from './subtasks.js';

/** The input of the durable function that does a subtask. */
export interface BranchInput {
  readonly workflowId: string;
  readonly thought: PlannedThought;
  /** Of the orchestrator that planned it. */
  readonly run: WorkflowRun;
  readonly alike: AlikeCalls;
  /** That may work at once under it. */
  readonly agents: number;
}

export interface PlanOptions {
  /** The durable function that does a decomposed subtask; undefined: one agent does each, as any other. */
  readonly subOrchestrator?: string;
}

const BRANCH = 'subtask-branch';

/** Runs the subtasks of a plan, each after those it depends on, independent ones at once. */
@Injectable()
export class PlanExecution implements OnModuleInit {
  constructor(
    private readonly durable: Durable,
    private readonly subtasks: Subtasks,
    private readonly pacing: Pacing,
  ) {}

  onModuleInit(): void {
    this.durable.register<BranchInput>(BRANCH, async (input) => {
      await this.subtasks.run(withAgents(input), input.thought, input.alike);
    });
  }

  /** Each subtask is a durable child; which starts next is decided only by the recorded order in which they end. */
  async run(run: WorkflowRun, thoughts: readonly PlannedThought[], options: PlanOptions = {}): Promise<void> {
    const { subOrchestrator } = options;
    const isDecomposed = ({ decompose }: PlannedThought): boolean =>
      subOrchestrator !== undefined && decompose === true;
    const alike = alikeSubtasks(thoughts, run.maxConcurrentAgents);
    let waiting = thoughts;
    const running = new Map<string, { readonly thoughtId: string; readonly agents: number }>();
    const ended = new Set<string>();
    while (waiting.length > 0 || running.size > 0) {
      const taken = [...running.values()].reduce((sum, { agents }) => sum + agents, 0);
      const isUndecided = waiting.length > 0 && ended.size > 0;
      const atOnce = isUndecided ? await this.pacing.atOnce(run, ended.size) : run.maxConcurrentAgents;
      const starts = startable(waiting, ended, { atOnce, taken }, isDecomposed);
      for (const { subtask, agents } of starts) {
        running.set(branchId(run, subtask.thoughtId), { thoughtId: subtask.thoughtId, agents });
      }
      for (const [name, part] of [
        [BRANCH, starts.filter(({ subtask }) => !isDecomposed(subtask))],
        [subOrchestrator ?? BRANCH, starts.filter(({ subtask }) => isDecomposed(subtask))],
      ] as const) {
        const children = part.map(({ subtask: thought, agents }) => {
          const input: BranchInput = { workflowId: run.workflowId, thought, run, alike, agents };
          return { id: branchId(run, thought.thoughtId), input };
        });
        if (children.length > 0) await this.durable.startChildren(name, children);
      }
      const started = new Set(starts.map(({ subtask }) => subtask));
      waiting = waiting.filter((thought) => !started.has(thought));
      const branch = await this.durable.waitFirst([...running.keys()]);
      ended.add(running.get(branch)?.thoughtId ?? '');
      running.delete(branch);
    }
  }
}

/** The run of the orchestrator that planned a subtask, with the agents that the subtask may have. */
export const withAgents = ({ run, agents }: BranchInput): WorkflowRun => ({ ...run, maxConcurrentAgents: agents });

const branchId = ({ workflowId }: WorkflowRun, thoughtId: string): string => derivedId(workflowId, 'branch', thoughtId);
