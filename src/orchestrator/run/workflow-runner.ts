import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { derivedId } from '../../database/ids.js';
import type { Transaction } from '../../database/sql.js';
import { Durable } from '../../durable/durable.service.js';
import { EventFeed } from '../../events/event-feed.js';
import { RuntimeSettings } from '../../settings/runtime-settings.js';
import { asksForComplexity } from '../planning/complexity-question.rules.js';
import { assessComplexity } from '../planning/complexity.rules.js';
import { InputErrors } from '../planning/input-fields.rules.js';
import { readRequest, type ReadableRequest } from '../planning/inputs/request.rules.js';
import { agentsAtOnce, maxDepthOf } from '../planning/run-limits.rules.js';
import { approachEvent, WorkflowAnalysis } from '../planning/workflow-analysis.js';
import { isReviewAsked } from '../quality/quality.rules.js';
import { QualityReview } from '../quality/quality-review.js';
import { directAgent } from '../strategies/direct.strategy.js';
import { StrategyRegistry } from '../strategies/strategy-registry.js';
import type { Urgency, WorkflowOrigin } from '../workflows/workflow.values.js';
import { HumanReview } from '../approvals/human-review.js';
import { RunGate } from './run-gate.js';
import { endStep } from './step-names.js';
import { TreeWriter } from './tree-writer.js';
import { WorkflowEnder } from './workflow-ender.js';
import type { StrategyOutcome, WorkflowRun } from './workflow-run.js';

/** Never renamed: rows of accepted workflows name it. */
export const RUN_WORKFLOW = 'run-workflow';

interface AcceptedRow extends ReadableRequest {
  urgency: Urgency;
  principal_id: string;
  origin: WorkflowOrigin;
  max_cost_usd: string | null;
  is_read_only: boolean;
}

interface Begun {
  readonly run: WorkflowRun;
  /** Whether a model is asked before it is known how to go on; the strategy is that of the rules until then. */
  readonly asks: boolean;
}

/** The durable function of a workflow: analysis and choice, the strategy, the end. */
@Injectable()
export class WorkflowRunner implements OnModuleInit {
  private readonly logger = new Logger(WorkflowRunner.name);

  constructor(
    private readonly durable: Durable,
    private readonly analysis: WorkflowAnalysis,
    private readonly tree: TreeWriter,
    private readonly ender: WorkflowEnder,
    private readonly strategies: StrategyRegistry,
    private readonly review: HumanReview,
    private readonly quality: QualityReview,
    private readonly gate: RunGate,
    private readonly feed: EventFeed,
    private readonly settings: RuntimeSettings,
  ) {}

  onModuleInit(): void {
    this.durable.register(RUN_WORKFLOW, ({ workflowId }) => this.run(workflowId));
  }

  private async run(workflowId: string): Promise<void> {
    const begun = await this.durable.commit('begin', (tx) => this.begin(tx, workflowId));
    this.feed.announce(workflowId);
    const run = begun.asks ? await this.analysis.ask(begun.run) : begun.run;
    const made = await this.strategies.get(run.strategy).execute(run);
    const reviewed = await this.quality.review(run, made);
    const outcome = await this.review.run(run, reviewed);
    for (let attempt = 1; (await this.endUnlessHeld(run, outcome, attempt)) === 'held'; attempt += 1) {
      await this.durable.step(`held-${attempt}`, async (context) => {
        await this.gate.untilResumed(workflowId, context);
        return null;
      });
    }
    this.feed.announce(workflowId, 'end');
    this.logger.debug(`Workflow ${workflowId} ended: ${outcome.failure?.code ?? 'completed'}.`);
  }

  /**
   * Ends the workflow, unless a pause holds it: its result is written when people let it go on. The pause is looked for in the
   * transaction that ends it, so that only a workflow that is held pays for it with more steps.
   */
  private async endUnlessHeld(run: WorkflowRun, outcome: StrategyOutcome, attempt: number): Promise<'ended' | 'held'> {
    const held = await this.durable.commit(endStep(attempt), async (tx) => {
      if (await this.gate.isHeld(tx, run.workflowId)) return { isHeld: true };
      await this.quality.record(tx, run, outcome);
      await this.ender.end(tx, run, outcome);
      const { warnings } = outcome;
      // By them a retry knows which to take back.
      return warnings.length === 0 ? null : { warnings };
    });
    return held !== null && 'isHeld' in held ? 'held' : 'ended';
  }

  private async begin(tx: Transaction, workflowId: string): Promise<Begun> {
    const [row] = await tx.query<AcceptedRow>(
      `SELECT input_type, content, execution_context, inheritance, urgency, principal_id, origin, max_cost_usd, is_read_only
         FROM workflows WHERE id = $1`,
      [workflowId],
    );
    if (row === undefined) throw new Error(`Workflow ${workflowId} has no row.`);
    const { brief, settings } = readRequest(row, new InputErrors());
    const { input_type: inputType, urgency, origin } = row;
    const maxCostUsd = row.max_cost_usd ?? undefined;
    const complexity = assessComplexity({ inputType, brief, settings, urgency });
    const approach = await this.analysis.approach(tx, { workflowId, inputType, settings, complexity, maxCostUsd });
    const { strategy } = approach;
    const asks = asksForComplexity({ inputType, brief, settings, origin, maxCostUsd });
    const run: WorkflowRun = {
      workflowId,
      principalId: row.principal_id,
      isAutonomous: row.origin === 'motivation',
      orchestratorId: derivedId(workflowId, 'orchestrator'),
      thoughtId: workflowId,
      depth: 0,
      maxDepth: maxDepthOf(settings, this.settings.maxRecursionDepth),
      budgetIds: [workflowId],
      maxConcurrentAgents: agentsAtOnce(settings),
      strategy,
      isReviewed: isReviewAsked(strategy, settings, brief.successCriteria, row.execution_context ?? {}),
      toolAllowance: {
        tools: settings.tools,
        isReadOnly: row.is_read_only,
        ...(settings.requireHumanReview && { asksForRisks: true }),
      },
      settings,
    };
    if (asks) this.analysis.leaveOpen(tx, run, complexity);
    else this.analysis.write(tx, run, approach);
    tx.send(
      `INSERT INTO orchestrators (id, thought_tree_id, orchestrator_type, status, max_concurrent_agents)
       VALUES ($1, $2, 'top_level', 'active', $3)`,
      [run.orchestratorId, workflowId, settings.maxConcurrentAgents],
    );
    const agent = !asks && strategy === 'direct_execution' ? directAgent(workflowId) : undefined;
    await this.tree.startRoot(tx, run, agent, asks ? [] : [approachEvent(approach)]);
    return { run, asks };
  }
}
