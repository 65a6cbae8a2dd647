import { Injectable, type OnModuleInit } from '@nestjs/common';
import { derivedId } from '../../database/ids.js';
import type { PlannedThought } from '../planning/planner.js';
import { alikeSubtasks, type AlikeCalls } from '../planning/reuse.rules.js';
import type { StrategyOutcome, WorkflowRun } from '../run/workflow-run.js';
import { PlannedStrategy } from './planned.strategy.js';

interface BranchInput {
  readonly workflowId: string;
  readonly thought: PlannedThought;
  readonly run: WorkflowRun;
  /** Absent in branches that an earlier release started. */
  readonly alike?: AlikeCalls;
}

const BRANCH = 'subtask-branch';

@Injectable()
export class ParallelStrategy extends PlannedStrategy implements OnModuleInit {
  readonly name = 'parallel_execution';
  readonly description = 'Independent subtasks at once, dependent ones after what they need, then a synthesis.';

  onModuleInit(): void {
    this.durable.register<BranchInput>(BRANCH, async ({ run, thought, alike }) => {
      await this.subtasks.run(run, thought, alike);
    });
  }

  /** Each subtask is a durable child; which starts next is decided only by the recorded order in which they end. */
  protected async executePlan(run: WorkflowRun, thoughts: readonly PlannedThought[]): Promise<StrategyOutcome> {
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
        running.set(derivedId(run.workflowId, 'branch', thoughtId), thoughtId);
      }
      await this.durable.startChildren(
        BRANCH,
        ready.map((thought) => {
          const input: BranchInput = { workflowId: run.workflowId, thought, run, alike };
          return { id: derivedId(run.workflowId, 'branch', thought.thoughtId), input };
        }),
      );
      const branch = await this.durable.waitFirst([...running.keys()]);
      ended.add(running.get(branch) ?? '');
      running.delete(branch);
    }
    return this.synthesis.run(run);
  }
}
