import { Injectable } from '@nestjs/common';
import { Planner, type PlannedThought } from '../planning/planner.js';
import type { StrategyOutcome, WorkflowRun } from '../run/workflow-run.js';
import { DirectStrategy } from './direct.strategy.js';
import { PlanExecution } from './plan-execution.js';
import { PlannedStrategy } from './planned.strategy.js';
import { Synthesis } from './synthesis.js';

@Injectable()
export class ParallelStrategy extends PlannedStrategy {
  readonly name = 'parallel_execution';
  readonly description = 'Independent subtasks at once, dependent ones after what they need, then a synthesis.';

  constructor(
    planner: Planner,
    direct: DirectStrategy,
    private readonly execution: PlanExecution,
    private readonly synthesis: Synthesis,
  ) {
    super(planner, direct);
  }

  protected async executePlan(run: WorkflowRun, thoughts: readonly PlannedThought[]): Promise<StrategyOutcome> {
    await this.execution.run(run, thoughts);
    return this.synthesis.run(run);
  }
}
