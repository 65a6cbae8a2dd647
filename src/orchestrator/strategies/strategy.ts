import type { StrategyOutcome, WorkflowRun } from '../run/workflow-run.js';
import type { StrategyName } from '../workflows/workflow.values.js';

/** A way to carry out the thought of an orchestrator. Runs inside a durable function: everything it does is a step. */
export abstract class Strategy {
  abstract readonly name: StrategyName;
  abstract readonly description: string;
  abstract execute(run: WorkflowRun): Promise<StrategyOutcome>;
}
