import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { derivedId } from '../../database/ids.js';
import type { Sql } from '../../database/sql.js';
import { Durable } from '../../durable/durable.service.js';
import { EventFeed } from '../../events/event-feed.js';
import { RuntimeSettings } from '../../settings/runtime-settings.js';
import { assessComplexity } from '../planning/complexity.rules.js';
import { InputErrors } from '../planning/input-fields.rules.js';
import { readRequest, type ReadableRequest } from '../planning/inputs/request.rules.js';
import { agentsAtOnce, maxDepthOf } from '../planning/run-limits.rules.js';
import { isReviewAsked } from '../quality/quality.rules.js';
import { QualityReview } from '../quality/quality-review.js';
import { chooseStrategy } from '../strategies/strategy-choice.rules.js';
import { directAgent } from '../strategies/direct.strategy.js';
import { StrategyRegistry } from '../strategies/strategy-registry.js';
import type { Urgency, WorkflowOrigin } from '../workflows/workflow.values.js';
import { HumanReview } from '../approvals/human-review.js';
import { TreeWriter } from './tree-writer.js';
import { WorkflowEnder } from './workflow-ender.js';
import type { WorkflowRun } from './workflow-run.js';

/** Never renamed: rows of accepted workflows name it. */
export const RUN_WORKFLOW = 'run-workflow';

export interface RunWorkflowInput {
  readonly workflowId: string;
}

interface AcceptedRow extends ReadableRequest {
  urgency: Urgency;
  principal_id: string;
  origin: WorkflowOrigin;
}

/** The durable function of a workflow: analysis and choice, the strategy, the end. */
@Injectable()
export class WorkflowRunner implements OnModuleInit {
  private readonly logger = new Logger(WorkflowRunner.name);

  constructor(
    private readonly durable: Durable,
    private readonly tree: TreeWriter,
    private readonly ender: WorkflowEnder,
    private readonly strategies: StrategyRegistry,
    private readonly review: HumanReview,
    private readonly quality: QualityReview,
    private readonly feed: EventFeed,
    private readonly settings: RuntimeSettings,
  ) {}

  onModuleInit(): void {
    this.durable.register<RunWorkflowInput>(RUN_WORKFLOW, ({ workflowId }) => this.run(workflowId));
  }

  private async run(workflowId: string): Promise<void> {
    const run = await this.durable.commit('begin', (tx) => this.begin(tx, workflowId));
    this.feed.announce(workflowId);
    const made = await this.strategies.get(run.strategy).execute(run);
    const reviewed = await this.quality.review(run, made);
    const outcome = await this.review.run(run, reviewed);
    await this.durable.commit('end', async (tx) => {
      await this.quality.record(tx, run, outcome);
      await this.ender.end(tx, run, outcome);
    });
    this.feed.announce(workflowId, 'end');
    this.logger.debug(`Workflow ${workflowId} ended: ${outcome.failure?.code ?? 'completed'}.`);
  }

  private async begin(tx: Sql, workflowId: string): Promise<WorkflowRun> {
    const [row] = await tx.query<AcceptedRow>(
      'SELECT input_type, content, execution_context, inheritance, urgency, principal_id, origin FROM workflows WHERE id = $1',
      [workflowId],
    );
    if (row === undefined) throw new Error(`Workflow ${workflowId} has no row.`);
    const { brief, settings } = readRequest(row, new InputErrors());
    const complexity = assessComplexity({ inputType: row.input_type, brief, settings, urgency: row.urgency });
    const { strategy, reasons } = chooseStrategy(settings, complexity);
    const isDirect = strategy === 'direct_execution';
    const estimate = {
      llm_calls: isDirect ? 1 : settings.maxSubtasks + 2,
      agents: isDirect ? 1 : settings.maxSubtasks + 2,
    };
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
        isReadOnly: row.origin === 'motivation',
        ...(settings.requireHumanReview && { asksForRisks: true }),
      },
      settings,
    };
    await tx.query(
      `UPDATE workflows SET status = 'in_progress', started_at = now(), updated_at = now(), phase = $2, strategy = $3,
              strategy_reasons = $4, complexity = $5, estimate = $6, deadline_at = now() + make_interval(secs => $7::float8),
              clock_stopped_at = CASE WHEN paused_at IS NOT NULL THEN now() END WHERE id = $1`,
      [
        workflowId,
        isDirect ? 'executing' : 'planning',
        strategy,
        JSON.stringify(reasons),
        complexity,
        estimate,
        settings.maxExecutionTimeMinutes * 60,
      ],
    );
    await tx.query(
      `INSERT INTO orchestrators (id, thought_tree_id, orchestrator_type, status, max_concurrent_agents)
       VALUES ($1, $2, 'top_level', 'active', $3)`,
      [run.orchestratorId, workflowId, settings.maxConcurrentAgents],
    );
    await this.tree.startRoot(tx, run, isDirect ? directAgent(workflowId) : undefined, [
      { type: 'workflow.progress', data: { strategy, reasons, complexity: complexity.overall } },
    ]);
    return run;
  }
}
