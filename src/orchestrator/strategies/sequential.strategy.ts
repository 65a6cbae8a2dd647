import { Injectable } from '@nestjs/common';
import type { PlannedThought } from '../planning/planner.js';
import { alikeSubtasks } from '../planning/reuse.rules.js';
import type { StrategyOutcome, WorkflowRun } from '../run/workflow-run.js';
import { PlannedStrategy } from './planned.strategy.js';

@Injectable()
export class SequentialStrategy extends PlannedStrategy {
  readonly name = 'sequential_decomposition';
  readonly description = 'Ordered subtasks, each of which sees the results it depends on, then a synthesis.';

  protected async executePlan(run: WorkflowRun, thoughts: readonly PlannedThought[]): Promise<StrategyOutcome> {
    const alike = alikeSubtasks(thoughts, 1);
    for (const thought of thoughts) {
      const outcome = await this.subtasks.run(run, thought, alike);
      if (!outcome.ok && outcome.code === 'BUDGET_EXCEEDED') break;
    }
    return this.synthesis.run(run);
  }
}
