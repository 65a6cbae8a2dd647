import { Injectable } from '@nestjs/common';
import { bindsAll } from '../adaptation/failure-tolerance.rules.js';
import { Pacing } from '../adaptation/pacing.js';
import { Planner, type PlannedThought } from '../planning/planner.js';
import { alikeSubtasks } from '../planning/reuse.rules.js';
import type { StrategyOutcome, WorkflowRun } from '../run/workflow-run.js';
import { DirectStrategy } from './direct.strategy.js';
import { PlannedStrategy } from './planned.strategy.js';
import { Subtasks } from './subtasks.js';
import { Synthesis } from './synthesis.js';

@Injectable()
export class SequentialStrategy extends PlannedStrategy {
  readonly name = 'sequential_decomposition';
  readonly description = 'Ordered subtasks, each of which sees the results it depends on, then a synthesis.';

  constructor(
    planner: Planner,
    direct: DirectStrategy,
    private readonly subtasks: Subtasks,
    private readonly pacing: Pacing,
    private readonly synthesis: Synthesis,
  ) {
    super(planner, direct);
  }

  protected async executePlan(run: WorkflowRun, thoughts: readonly PlannedThought[]): Promise<StrategyOutcome> {
    const alike = alikeSubtasks(thoughts, 1);
    for (const [index, thought] of thoughts.entries()) {
      const outcome = await this.subtasks.run(run, thought, alike);
      if (outcome.ok) continue;
      if (bindsAll(outcome.code)) break;
      // One at once it is anyway; but after a failure a council may be due.
      if (index + 1 < thoughts.length) await this.pacing.atOnce(run, index + 1);
    }
    return this.synthesis.run(run);
  }
}
