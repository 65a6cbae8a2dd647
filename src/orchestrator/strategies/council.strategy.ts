import { Injectable } from '@nestjs/common';
import { APPROACH_FORM, type ApproachAnswer } from '../agents/council/council-forms.js';
import { Council } from '../agents/council/council.js';
import { membersFor, type CouncilRole } from '../agents/council/council.rules.js';
import { Durable } from '../../durable/durable.service.js';
import type { Complexity } from '../planning/complexity.rules.js';
import { planErrors, TASK_KINDS } from '../planning/plan.rules.js';
import { Planner } from '../planning/planner.js';
import { APPROACH_COUNCIL, conveneStep } from '../run/step-names.js';
import type { StrategyOutcome, WorkflowRun } from '../run/workflow-run.js';
import { PlanExecution } from './plan-execution.js';
import { Strategy } from './strategy.js';
import { Synthesis } from './synthesis.js';

const AGENDA =
  'How is the task to be done? Decide on an approach, and on the steps by which one agent each carries it out.';

@Injectable()
export class CouncilStrategy extends Strategy {
  readonly name = 'council_driven';
  readonly description =
    'A council decides on the approach, the steps of its decision are what runs, then a validator checks.';

  constructor(
    private readonly council: Council,
    private readonly durable: Durable,
    private readonly planner: Planner,
    private readonly execution: PlanExecution,
    private readonly synthesis: Synthesis,
  ) {
    super();
  }

  async execute(run: WorkflowRun): Promise<StrategyOutcome> {
    const { maxSubtasks, requireCouncilConsensus } = run.settings;
    const members = await this.convene(run);
    const decided = await this.council.decide<ApproachAnswer, null>(run, {
      name: APPROACH_COUNCIL,
      members,
      agenda: () => Promise.resolve(AGENDA),
      requiresConsensus: requireCouncilConsensus,
      decision: {
        form: APPROACH_FORM,
        how:
          `Its steps are at most ${maxSubtasks} subtasks: each with a short unique id, a title, complete instructions, the ids of the ` +
          `subtasks whose results it needs, and a kind out of: ${TASK_KINDS.join(', ')}.`,
        agentClass: 'task_decomposition',
        mistakes: ({ subtasks }) => planErrors(subtasks, maxSubtasks),
        // It stands in the interaction's row.
        keep: () => null,
      },
    });
    if (!decided.ok) return { contentFrom: undefined, failure: decided, warnings: [] };
    const { consensus, decision } = decided;
    if (decision === undefined) throw new Error('The council was asked for a decision and gave none.');
    await this.execution.run(run, await this.planner.write(run, decision.interactionId));
    const outcome = await this.synthesis.run(run);
    if (consensus.reached) return outcome;
    const share = Math.round(consensus.share * 100);
    const warning = `The council did not agree; what had most votes (${share} %) was carried out: the proposal of the ${consensus.winner}.`;
    return { ...outcome, warnings: [...outcome.warnings, warning] };
  }

  private convene(run: WorkflowRun): Promise<CouncilRole[]> {
    return this.durable.commit(conveneStep(APPROACH_COUNCIL), async (tx) => {
      const [row] = await tx.query<{ complexity: Complexity | null }>(
        `UPDATE workflows SET phase = 'planning', updated_at = now() WHERE id = $1 RETURNING complexity`,
        [run.workflowId],
      );
      return membersFor(row?.complexity ?? undefined);
    });
  }
}
