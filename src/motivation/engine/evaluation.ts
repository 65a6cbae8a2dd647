import { Injectable, Logger } from '@nestjs/common';
import { stackOf } from '../../config/error-code.js';
import { ADVISORY_LOCKS } from '../../database/advisory-locks.js';
import { afterCommit } from '../../database/after-commit.js';
import { Database } from '../../database/database.service.js';
import { ExecutorIdentity } from '../../database/executor-identity.js';
import { newId } from '../../database/ids.js';
import type { Sql, Transaction } from '../../database/sql.js';
import { storableJson } from '../../database/storable.js';
import { BudgetService } from '../../llm/budget/budget.service.js';
import { StartRecord } from '../../orchestrator/workflows/start-record.js';
import { WorkflowAcceptance } from '../../orchestrator/workflows/workflow-acceptance.service.js';
import { Metrics } from '../../telemetry/metrics.js';
import { RuntimeSettings } from '../../settings/runtime-settings.js';
import type { Situation, Subject } from '../dynamics/dynamics.types.js';
import { lockStates, saveStates } from '../states/state-rows.js';
import { activeTasks } from '../tasks/active-tasks.js';
import { taskBudgetUsd } from '../tasks/autonomous-request.rules.js';
import { Deadline } from './deadline.js';
import { recordOf, type Outcome } from './decision-record.js';
import { presentConfig } from './engine-presentation.js';
import { announceEngine, ENGINE_COLUMNS, evaluatedItem, IS_DUE, type EngineRow } from './engine-rows.js';
import { failureText } from './failure.rules.js';
import { Observations, type Observation } from './observations.js';
import { Spawning } from './spawning.js';
import { backOffSeconds, spanOf } from './timing.rules.js';

const EVALUATION_MS = 10_000;
const STATEMENT_MS = 3_000;

/** An engine that is due, with the time it was found so. */
interface DueEngine extends EngineRow {
  readonly now: Date;
}

export type EvaluationResult =
  | { readonly decisionId: string; readonly taskIds: readonly string[] }
  /** The engine backs off and says why. */
  | { readonly failure: string };

/**
 * One evaluation: what time and evidence make of each motivation, who gets a task, and the record of it. All of it is one transaction,
 * which the replica that gets the lock runs: a crash leaves all of it or nothing.
 */
@Injectable()
export class Evaluation {
  private readonly logger = new Logger(Evaluation.name);

  constructor(
    private readonly database: Database,
    private readonly executor: ExecutorIdentity,
    private readonly observations: Observations,
    private readonly spawning: Spawning,
    private readonly budget: BudgetService,
    private readonly settings: RuntimeSettings,
    private readonly acceptance: WorkflowAcceptance,
    private readonly starts: StartRecord,
    private readonly metrics: Metrics,
  ) {}

  /** @returns undefined: another replica evaluates, or the engine does not run, or it is not due */
  async run(): Promise<EvaluationResult | undefined> {
    const claimed: { engine?: DueEngine } = {};
    try {
      const result = await this.database.transaction(async (tx) => {
        claimed.engine = await claim(tx);
        return claimed.engine && (await this.evaluateOrBackOff(tx, claimed.engine));
      });
      if (result !== undefined && 'taskIds' in result) result.taskIds.forEach((id) => this.acceptance.begun(id));
      return result;
    } catch (error) {
      // The transaction is lost, or its outcome is not known; when it did commit, the engine is no longer due.
      if (claimed.engine === undefined) throw error;
      return await this.backOff(this.database, claimed.engine, error);
    }
  }

  /** Under the locks in any case, so that one replica tries a slot once, also when it fails. */
  private async evaluateOrBackOff(tx: Transaction, engine: DueEngine): Promise<EvaluationResult> {
    try {
      return await tx.nested(() => this.evaluate(tx, engine));
    } catch (error) {
      return await this.backOff(tx, engine, error);
    }
  }

  private async evaluate(tx: Transaction, engine: DueEngine): Promise<EvaluationResult> {
    const startedMs = performance.now();
    const deadline = new Deadline('The evaluation', EVALUATION_MS);
    const outlook = { now: engine.now, isSafe: engine.safetyEnabled };
    const rows = await lockStates(tx);
    const observed = await this.observations.of(tx, rows, outlook, deadline);
    const situation = await this.situation(tx, engine, observed);
    const outcomes = await this.spawning.of(tx, situation, {
      config: engine,
      outlook,
      deadline,
      observed: new Map(observed.map((one) => [one.row.type, one])),
    });
    await saveStates(
      tx,
      observed.map(({ row }, index) => ({ ...row, ...outcomes[index]?.considered.after })),
    );
    return await this.record(tx, engine, { situation, outcomes, durationMs: performance.now() - startedMs });
  }

  private async situation(tx: Transaction, engine: DueEngine, observed: readonly Observation[]): Promise<Situation> {
    const active = await activeTasks(tx);
    const busy = new Set(active.map(({ type }) => type));
    const running = active.filter(({ isEnded }) => !isEnded).flatMap(({ workflowId }) => workflowId ?? []);
    return {
      now: engine.now,
      ...spanOf(engine.evolvedAt, engine.now, engine),
      minArbitrationThreshold: engine.minArbitrationThreshold,
      maxConcurrentTasks: engine.maxConcurrentTasks,
      activeTasks: active.length,
      dayBudget: await this.budget.autonomousDay(tx, running),
      taskBudgetUsd: taskBudgetUsd(engine.safetyEnabled, this.settings.budgetUsd('workflow')),
      subjects: observed.map(({ row, motivation, boost, proposal, veto, error }): Subject => ({
        type: row.type,
        category: motivation.category,
        state: row,
        boost,
        cooldownSeconds: engine.testMode ? motivation.testCooldownSeconds : motivation.cooldownSeconds,
        hasActiveTask: busy.has(row.type),
        hasNothingToDo: boost > 0 && proposal === undefined,
        refusal: veto === undefined ? undefined : { reason: 'vetoed', detail: veto },
        error,
      })),
    };
  }

  private async record(
    tx: Transaction,
    engine: DueEngine,
    { situation, outcomes, durationMs }: { situation: Situation; outcomes: readonly Outcome[]; durationMs: number },
  ): Promise<EvaluationResult> {
    const decisionId = newId();
    const taskIds = outcomes.flatMap(({ taskId }) => taskId ?? []);
    await tx.query(
      `INSERT INTO motivation_decisions (id, evaluated_at, executor_id, elapsed_seconds, duration_ms, config, considered, spawned)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [
        decisionId,
        engine.now,
        this.executor.id,
        situation.elapsedSeconds,
        durationMs,
        storableJson(presentConfig(engine)),
        storableJson(outcomes.map(recordOf)),
        taskIds.length,
      ],
    );
    await tx.query(
      `UPDATE motivation_engine
          SET evolved_at = $1, last_evaluation_at = $1, next_evaluation_at = $1::timestamptz + make_interval(secs => $2),
              evaluations = evaluations + 1, leader = $3, errors_in_row = 0, last_error = NULL, last_error_at = NULL`,
      [engine.now, engine.evaluationIntervalSeconds, this.executor.id],
    );
    await announceEngine(tx, evaluatedItem(decisionId));
    await this.starts.write(
      tx,
      taskIds.map((workflowId) => ({ workflowId, by: { kind: 'engine' } })),
    );
    afterCommit(tx, () => {
      this.metrics.engine.evaluations.inc();
      this.metrics.engine.seconds.observe(durationMs / 1000);
      for (const { considered, taskId } of outcomes) {
        if (taskId !== undefined) this.metrics.engine.spawned.inc({ motivation: considered.type });
      }
    });
    return { decisionId, taskIds };
  }

  /** @throws the database's error when not even this can be written */
  private async backOff(sql: Sql, engine: DueEngine, error: unknown): Promise<EvaluationResult> {
    this.logger.error(`An evaluation failed: ${stackOf(error)}`);
    const failure = failureText(error);
    await sql.query(
      `UPDATE motivation_engine
          SET next_evaluation_at = clock_timestamp() + make_interval(secs => $1), leader = $2, errors_in_row = errors_in_row + 1,
              last_error = $3, last_error_at = clock_timestamp()
        WHERE ${IS_DUE}`,
      [backOffSeconds(engine), this.executor.id, failure],
    );
    afterCommit(sql, () => this.metrics.engine.errors.inc());
    return { failure };
  }
}

/** The engine's row, locked, when it is this replica's turn. Whoever holds the row is about to change it, and will say so. */
async function claim(tx: Transaction): Promise<DueEngine | undefined> {
  const [lock] = await tx.query<{ held: boolean }>(
    `SELECT pg_try_advisory_xact_lock($1) AS held, set_config('statement_timeout', $2, true)`,
    [ADVISORY_LOCKS.evaluation, `${STATEMENT_MS}ms`],
  );
  if (lock?.held !== true) return undefined;
  const [engine] = await tx.query<DueEngine>(
    `SELECT ${ENGINE_COLUMNS}, clock_timestamp() AS now FROM motivation_engine
      WHERE ${IS_DUE} FOR UPDATE SKIP LOCKED`,
  );
  return engine;
}
