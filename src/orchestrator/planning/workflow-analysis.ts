import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../database/sql.js';
import { storableJson } from '../../database/storable.js';
import { Durable } from '../../durable/durable.service.js';
import { EventFeed } from '../../events/event-feed.js';
import type { NewEvent } from '../../events/event-data.js';
import { EventLog } from '../../events/event-log.js';
import { ClassHistory } from '../learning/class-history.js';
import { progressAt } from '../run/progress.rules.js';
import type { AgentFailure, WorkflowRun } from '../run/workflow-run.js';
import type { StructuredSuccess } from '../run/structured-agent.js';
import { isAlwaysReviewed } from '../quality/quality.rules.js';
import { chooseStrategy, type StrategyChoice } from '../strategies/strategy-choice.rules.js';
import type { InputType, WorkflowPhase } from '../workflows/workflow.values.js';
import { ComplexityQuestion } from './complexity-question.js';
import { mergeComplexity, type ComplexityAnswer } from './complexity-question.rules.js';
import type { Complexity } from './complexity.rules.js';
import { estimateOf, type Estimate } from './estimate.rules.js';
import type { ExecutionSettings } from './execution-settings.rules.js';

interface Chooser {
  readonly workflowId: string;
  readonly inputType: InputType;
  readonly settings: ExecutionSettings;
  readonly complexity: Complexity;
  readonly maxCostUsd: string | undefined;
}

export interface Approach extends StrategyChoice {
  readonly complexity: Complexity;
  readonly estimate: Estimate;
}

/** What a workflow is taken for, and so how it is run: its complexity, strategy, and what it will take. */
@Injectable()
export class WorkflowAnalysis {
  constructor(
    private readonly history: ClassHistory,
    private readonly question: ComplexityQuestion,
    private readonly durable: Durable,
    private readonly events: EventLog,
    private readonly feed: EventFeed,
  ) {}

  /** Chooses by the rules and the past of the class. */
  async approach(
    tx: Transaction,
    { workflowId, inputType, settings, complexity, maxCostUsd }: Chooser,
  ): Promise<Approach> {
    const histories = await this.history.of(tx, inputType, complexity.overall);
    const choice = chooseStrategy({ workflowId, inputType, settings, complexity, histories });
    const estimate = estimateOf({
      inputType,
      complexity: complexity.overall,
      strategy: choice.strategy,
      settings,
      maxCostUsd,
      history: histories.find(({ strategy }) => strategy === choice.strategy),
    });
    return { ...choice, complexity, estimate };
  }

  /** Asks a model for what the rules can't tell, and chooses by its answer; without a usable one by the rules, and the workflow says so. */
  async ask(run: WorkflowRun): Promise<WorkflowRun> {
    const answer = await this.question.ask(run);
    const decided = await this.durable.commit('decide', (tx) => this.decide(tx, run, answer));
    this.feed.announce(run.workflowId);
    return decided;
  }

  /** Begins a workflow of which a model is asked first. */
  leaveOpen(tx: Transaction, { workflowId, settings }: WorkflowRun, byRules: Complexity): void {
    tx.send(`UPDATE workflows SET ${BEGUN}, complexity = $3 WHERE id = $1`, [
      workflowId,
      settings.maxExecutionTimeMinutes * 60,
      byRules,
    ]);
  }

  /** Writes how the workflow is run, and begins it unless it has begun. */
  write(
    tx: Transaction,
    { workflowId, settings }: WorkflowRun,
    approach: Approach,
    warnings: readonly string[] = [],
  ): void {
    tx.send(
      `UPDATE workflows SET ${BEGUN}, phase = $3, strategy = $4, strategy_reasons = $5, strategy_alternatives = $6, complexity = $7,
              estimate = $8, warnings = warnings || $9::jsonb WHERE id = $1`,
      [
        workflowId,
        settings.maxExecutionTimeMinutes * 60,
        phaseAfter(approach),
        approach.strategy,
        storableJson(approach.reasons),
        storableJson(approach.alternatives),
        approach.complexity,
        approach.estimate,
        storableJson(warnings),
      ],
    );
  }

  private async decide(
    tx: Transaction,
    run: WorkflowRun,
    answer: StructuredSuccess<ComplexityAnswer> | AgentFailure,
  ): Promise<WorkflowRun> {
    const { workflowId, settings } = run;
    const [row] = await tx.query<{ input_type: InputType; complexity: Complexity; max_cost_usd: string | null }>(
      'SELECT input_type, complexity, max_cost_usd FROM workflows WHERE id = $1',
      [workflowId],
    );
    if (row === undefined) throw new Error(`Workflow ${workflowId} has no row.`);
    const approach = await this.approach(tx, {
      workflowId,
      inputType: row.input_type,
      settings,
      complexity: answer.ok ? mergeComplexity(row.complexity, answer.kept) : row.complexity,
      maxCostUsd: row.max_cost_usd ?? undefined,
    });
    const warnings = answer.ok ? [] : [`The complexity was judged by rules alone: ${answer.message}`];
    this.write(tx, run, approach, warnings);
    this.events.append(tx, workflowId, [approachEvent(approach)]);
    const { strategy } = approach;
    return { ...run, strategy, isReviewed: run.isReviewed || isAlwaysReviewed(strategy) };
  }
}

/** Its time ($2, in seconds) runs from now on, unless it has begun; it stands still while the workflow is paused. */
const BEGUN = `status = 'in_progress', started_at = coalesce(started_at, now()), updated_at = now(),
              deadline_at = coalesce(deadline_at, now() + make_interval(secs => $2::float8)),
              clock_stopped_at = coalesce(clock_stopped_at, CASE WHEN paused_at IS NOT NULL AND started_at IS NULL THEN now() END)`;

const phaseAfter = ({ strategy }: Approach): WorkflowPhase =>
  strategy === 'direct_execution' ? 'executing' : 'planning';

export const approachEvent = (approach: Approach): NewEvent => ({
  type: 'workflow.progress',
  data: {
    strategy: approach.strategy,
    reasons: approach.reasons,
    complexity: approach.complexity.overall,
    progress_percentage: progressAt(phaseAfter(approach)),
  },
});
