import { Injectable } from '@nestjs/common';
import type { Principal } from '../../auth/principal.js';
import { includesRole } from '../../auth/roles.js';
import { Database } from '../../database/database.service.js';
import type { Transaction } from '../../database/sql.js';
import type { Plain } from '../../http/plain.js';
import { invalid, Problem } from '../../http/problem.js';
import { RunningTasks } from '../tasks/running-tasks.js';
import type { EngineConfigAnswer, EngineStarted, EngineStatusDto, EngineStopped } from './dto/engine.dto.js';
import { DEFAULT_ENGINE_CONFIG, type EngineConfig } from './engine-config.js';
import { presentConfig, presentEngine } from './engine-presentation.js';
import { EngineReader } from './engine-reader.js';
import { announceEngine, ENGINE_CHANGED, lockEngine, type EngineRow } from './engine-rows.js';
import { rescheduledAt } from './timing.rules.js';

/** Whether the engine runs and how: one row, for all replicas. Whoever changes it waits for an evaluation that runs. */
@Injectable()
export class Engine {
  constructor(
    private readonly database: Database,
    private readonly reader: EngineReader,
    private readonly running: RunningTasks,
  ) {}

  /**
   * Starting what runs changes nothing but the given configuration. The first evaluation comes at once.
   * @throws Problem FORBIDDEN when someone who is no admin gives a configuration
   */
  async start(change: Partial<EngineConfig>, { role }: Principal): Promise<Plain<EngineStarted>> {
    const isChanged = Object.keys(change).length > 0;
    if (isChanged && !includesRole(role, 'admin')) {
      throw new Problem(
        'FORBIDDEN',
        'Giving a configuration needs the role admin; without a body the stored one is used.',
      );
    }
    const { before, config } = await this.database.transaction(async (tx) => {
      const engine = await this.ensureEngine(tx);
      const next = { ...configOf(engine), ...change };
      if (isChanged) await write(tx, next, rescheduledAt(engine, next));
      if (!engine.isRunning) await tx.query(START);
      if (isChanged || !engine.isRunning) await announceEngine(tx, ENGINE_CHANGED);
      return { before: engine, config: next };
    });
    const message = before.isRunning ? 'The motivation engine runs already.' : 'The motivation engine was started.';
    return { message, status: 'running', config: presentConfig(config), timestamp: new Date().toISOString() };
  }

  /**
   * No evaluation begins after this. Stopping what is stopped is fine.
   * @throws Problem ENGINE_NOT_INITIALIZED before the first start
   */
  async stop({ cancelRunning }: { readonly cancelRunning: boolean }): Promise<Plain<EngineStopped>> {
    const wasRunning = await this.database.transaction(async (tx) => {
      const engine = await lockEngine(tx);
      if (engine === undefined) throw new Problem('ENGINE_NOT_INITIALIZED', 'The motivation engine was never started.');
      if (engine.isRunning) {
        await tx.query(STOP);
        await announceEngine(tx, ENGINE_CHANGED);
      }
      return engine.isRunning;
    });
    const cancelled = cancelRunning ? await this.running.cancelAll() : 0;
    return {
      message: wasRunning ? 'The motivation engine was stopped.' : 'The motivation engine was stopped already.',
      status: 'stopped',
      cancelled_tasks: cancelled,
      timestamp: new Date().toISOString(),
    };
  }

  /** @throws Problem VALIDATION_ERROR when nothing is given, ENGINE_NOT_RUNNING */
  async configure(change: Partial<EngineConfig>): Promise<Plain<EngineConfigAnswer>> {
    if (Object.keys(change).length === 0) throw invalid('body', 'must have at least one setting');
    const config = await this.database.transaction(async (tx) => {
      const engine = await lockEngine(tx);
      if (engine?.isRunning !== true) throw new Problem('ENGINE_NOT_RUNNING', 'The motivation engine does not run.');
      const next = { ...configOf(engine), ...change };
      await write(tx, next, rescheduledAt(engine, next));
      await announceEngine(tx, ENGINE_CHANGED);
      return next;
    });
    const message = 'The configuration was changed.';
    return { message, config: presentConfig(config), timestamp: new Date().toISOString() };
  }

  async status(): Promise<Plain<EngineStatusDto>> {
    return presentEngine(await this.reader.read(), new Date());
  }

  /** The row, locked; of those who start for the first time at once, one makes it. */
  private async ensureEngine(tx: Transaction): Promise<EngineRow> {
    const { evaluationIntervalSeconds, maxConcurrentTasks, minArbitrationThreshold, safetyEnabled, testMode } =
      DEFAULT_ENGINE_CONFIG;
    await tx.query(
      `INSERT INTO motivation_engine (id, is_running, evaluation_interval_seconds, max_concurrent_tasks, min_arbitration_threshold,
                                      safety_enabled, test_mode, started_at, evolved_at)
       VALUES (1, false, $1, $2, $3, $4, $5, clock_timestamp(), clock_timestamp()) ON CONFLICT (id) DO NOTHING`,
      [evaluationIntervalSeconds, maxConcurrentTasks, minArbitrationThreshold, safetyEnabled, testMode],
    );
    const engine = await lockEngine(tx);
    if (engine === undefined) throw new Error('The row of the engine is missing.');
    return engine;
  }
}

/** Old errors are another life's. */
const START = `
  UPDATE motivation_engine
     SET is_running = true, started_at = clock_timestamp(), stopped_at = NULL, evolved_at = clock_timestamp(),
         next_evaluation_at = clock_timestamp(), errors_in_row = 0, last_error = NULL, last_error_at = NULL`;

const STOP = `
  UPDATE motivation_engine SET is_running = false, stopped_at = clock_timestamp(), next_evaluation_at = NULL`;

async function write(tx: Transaction, config: EngineConfig, nextEvaluationAt: Date | null): Promise<void> {
  await tx.query(
    `UPDATE motivation_engine
        SET evaluation_interval_seconds = $1, max_concurrent_tasks = $2, min_arbitration_threshold = $3, safety_enabled = $4,
            test_mode = $5, next_evaluation_at = $6`,
    [
      config.evaluationIntervalSeconds,
      config.maxConcurrentTasks,
      config.minArbitrationThreshold,
      config.safetyEnabled,
      config.testMode,
      nextEvaluationAt,
    ],
  );
}

const configOf = (engine: EngineRow): EngineConfig => ({
  evaluationIntervalSeconds: engine.evaluationIntervalSeconds,
  maxConcurrentTasks: engine.maxConcurrentTasks,
  minArbitrationThreshold: engine.minArbitrationThreshold,
  safetyEnabled: engine.safetyEnabled,
  testMode: engine.testMode,
});
