import { Injectable, type OnModuleInit } from '@nestjs/common';
import { derivedId } from '../../database/ids.js';
import { Durable } from '../../durable/durable.service.js';
import type { PlannedThought } from '../planning/planner.js';
import { alikeSubtasks, type AlikeCalls } from '../planning/reuse.rules.js';
import type { WorkflowRun } from '../run/workflow-run.js';
import { Subtasks } from './subtasks.js';

interface BranchInput {
  readonly workflowId: string;
  readonly thought: PlannedThought;
  readonly run: WorkflowRun;
  readonly alike: AlikeCalls;
}

const BRANCH = 'subtask-branch';

/** Runs the subtasks of a plan, each after those it depends on, independent ones at once. */
@Injectable()
export class PlanExecution implements OnModuleInit {
  constructor(
    private readonly durable: Durable,
    private readonly subtasks: Subtasks,
  ) {}

  onModuleInit(): void {
    this.durable.register<BranchInput>(BRANCH, async ({ run, thought, alike }) => {
      await this.subtasks.run(run, thought, alike);
    });
  }

  /** Each subtask is a durable child; which starts next is decided only by the recorded order in which they end. */
  async run(run: WorkflowRun, thoughts: readonly PlannedThought[]): Promise<void> {
    const alike = alikeSubtasks(thoughts, run.maxConcurrentAgents);
    const waiting = new Map(thoughts.map((thought) => [thought.thoughtId, thought]));
    const running = new Map<string, string>();
    const ended = new Set<string>();
    while (waiting.size > 0 || running.size > 0) {
      const free = run.maxConcurrentAgents - running.size;
      const ready = [...waiting.values()]
        .filter(({ dependencies }) => dependencies.every((id) => ended.has(id)))
        .slice(0, free);
      for (const { thoughtId } of ready) {
        waiting.delete(thoughtId);
        running.set(branchId(run, thoughtId), thoughtId);
      }
      await this.durable.startChildren(
        BRANCH,
        ready.map((thought) => {
          const input: BranchInput = { workflowId: run.workflowId, thought, run, alike };
          return { id: branchId(run, thought.thoughtId), input };
        }),
      );
      const branch = await this.durable.waitFirst([...running.keys()]);
      ended.add(running.get(branch) ?? '');
      running.delete(branch);
    }
  }
}

const branchId = ({ workflowId }: WorkflowRun, thoughtId: string): string => derivedId(workflowId, 'branch', thoughtId);
