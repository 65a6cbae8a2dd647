import type { Sql } from '../../database/sql.js';
import { LONGEST_BACK_OFF_SECONDS, type EngineConfig } from './engine-config.js';

export interface EngineRow extends EngineConfig {
  readonly isRunning: boolean;
  readonly startedAt: Date;
  readonly stoppedAt: Date | null;
  readonly evolvedAt: Date;
  readonly lastEvaluationAt: Date | null;
  readonly nextEvaluationAt: Date | null;
  readonly evaluations: number;
  readonly leader: string | null;
  readonly errorsInRow: number;
  readonly lastError: string | null;
  readonly lastErrorAt: Date | null;
}

/** Tells every replica that something about the engine changed. */
export const ENGINE_CHANNEL = 'nyx_motivation_engine';

/** It was started, stopped or configured. */
export const ENGINE_CHANGED = 'changed';

const EVALUATED = 'evaluated ';

/** It evaluated: with the id of the decision. */
export const evaluatedItem = (decisionId: string): string => `${EVALUATED}${decisionId}`;

/** The id of the decision; undefined: the item tells of something else. */
export const evaluatedIn = (item: string): string | undefined =>
  item.startsWith(EVALUATED) ? item.slice(EVALUATED.length) : undefined;

/** Of motivation_engine, as an `EngineRow`. */
export const ENGINE_COLUMNS = `is_running AS "isRunning", evaluation_interval_seconds AS "evaluationIntervalSeconds",
  max_concurrent_tasks AS "maxConcurrentTasks", min_arbitration_threshold AS "minArbitrationThreshold",
  safety_enabled AS "safetyEnabled", test_mode AS "testMode", started_at AS "startedAt", stopped_at AS "stoppedAt",
  evolved_at AS "evolvedAt", last_evaluation_at AS "lastEvaluationAt", next_evaluation_at AS "nextEvaluationAt",
  evaluations::float8 AS evaluations, leader, errors_in_row AS "errorsInRow", last_error AS "lastError", last_error_at AS "lastErrorAt"`;

/** SQL, in seconds: the longest that a running engine waits from now on, as `backOffSeconds` has it after an error. */
const LONGEST_PAUSE = `CASE WHEN errors_in_row > 0
  THEN least(2 * evaluation_interval_seconds, ${LONGEST_BACK_OFF_SECONDS}) ELSE evaluation_interval_seconds END`;

/** SQL, in seconds; null: it does not run. What is further away was set by a clock that has been set back since, and is due. */
export const SECONDS_UNTIL_DUE = `CASE WHEN NOT is_running THEN NULL
  WHEN next_evaluation_at > clock_timestamp() + make_interval(secs => 1 + ${LONGEST_PAUSE}) THEN 0
  ELSE extract(epoch FROM next_evaluation_at - clock_timestamp())::float8 END`;

/** SQL: whether an evaluation is to begin. */
export const IS_DUE = `${SECONDS_UNTIL_DUE} <= 0`;

/** Undefined before the first start. */
export async function readEngine(sql: Sql): Promise<EngineRow | undefined> {
  const [row] = await sql.query<EngineRow>(`SELECT ${ENGINE_COLUMNS} FROM motivation_engine`);
  return row;
}

/** Locked until the transaction ends: who changes it waits for an evaluation that runs. */
export async function lockEngine(tx: Sql): Promise<EngineRow | undefined> {
  const [row] = await tx.query<EngineRow>(`SELECT ${ENGINE_COLUMNS} FROM motivation_engine FOR UPDATE`);
  return row;
}

/** Once the transaction has committed. */
export async function announceEngine(tx: Sql, item: string): Promise<void> {
  await tx.query('SELECT pg_notify($1, $2)', [ENGINE_CHANNEL, item]);
}
