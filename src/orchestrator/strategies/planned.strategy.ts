import { Injectable } from '@nestjs/common';
import { Planner, type PlannedThought, type Planning } from '../planning/planner.js';
import { withNothingDone } from '../run/unfinished.rules.js';
import type { StrategyOutcome, WorkflowRun } from '../run/workflow-run.js';
import { DirectStrategy } from './direct.strategy.js';
import { Strategy } from './strategy.js';

/** What strategies share that run a plan: no usable plan means direct execution, and the workflow says so. */
@Injectable()
export abstract class PlannedStrategy extends Strategy {
  constructor(
    protected readonly planner: Planner,
    private readonly direct: DirectStrategy,
  ) {
    super();
  }

  async execute(run: WorkflowRun): Promise<StrategyOutcome> {
    const planning = await this.plan(run);
    if (planning.kind === 'planned') return this.executePlan(run, planning.thoughts);
    if (planning.kind === 'failed') return { contentFrom: undefined, failure: withNothingDone(planning), warnings: [] };
    const outcome = await this.direct.execute(run);
    return { ...outcome, warnings: [...outcome.warnings, `Executed directly: ${planning.reason}`] };
  }

  protected plan(run: WorkflowRun): Promise<Planning> {
    return this.planner.plan(run);
  }

  protected abstract executePlan(run: WorkflowRun, thoughts: readonly PlannedThought[]): Promise<StrategyOutcome>;
}
