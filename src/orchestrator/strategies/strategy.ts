import type { StrategyOutcome, WorkflowRun } from '../run/workflow-run.js';
import type { RunnableStrategy } from './strategy-choice.rules.js';

/** A way to carry a workflow out. Runs inside a durable function: everything it does is a step. */
export abstract class Strategy {
  abstract readonly name: RunnableStrategy;
  abstract readonly description: string;
  abstract execute(run: WorkflowRun): Promise<StrategyOutcome>;
}
