import type { Sql } from '../../database/sql.js';
import { storableJson } from '../../database/storable.js';
import type { MotivationState } from '../dynamics/dynamics.types.js';

export interface StateRow extends MotivationState {
  readonly id: string;
  readonly type: string;
}

/** Of motivational_states, as a `StateRow`. */
export const STATE_COLUMNS = `id, motivation_type AS type, urgency, satisfaction, decay_rate AS "decayRate", boost_factor AS "boostFactor",
  max_urgency AS "maxUrgency", min_satisfaction AS "minSatisfaction", base_decay_rate AS "baseDecayRate",
  base_boost_factor AS "baseBoostFactor", is_active AS "isActive", total_attempts AS "totalAttempts",
  success_count AS "successCount", failure_count AS "failureCount", success_rate AS "successRate",
  last_triggered_at AS "lastTriggeredAt", last_satisfied_at AS "lastSatisfiedAt"`;

/** Tells every replica which motivation has changed. */
export const STATES_CHANNEL = 'nyx_motivational_states';

/** Kept in the metadata of a motivation. */
export const MAX_RECENT_BOOSTS = 10;

/** All, locked until the transaction ends, in one order: whoever changes several never waits for another in a circle. */
export const lockStates = (tx: Sql): Promise<StateRow[]> =>
  tx.query<StateRow>(`SELECT ${STATE_COLUMNS} FROM motivational_states ORDER BY motivation_type FOR UPDATE`);

/** One, locked. */
export async function lockState(tx: Sql, type: string): Promise<StateRow | undefined> {
  const [row] = await tx.query<StateRow>(
    `SELECT ${STATE_COLUMNS} FROM motivational_states WHERE motivation_type = $1 FOR UPDATE`,
    [type],
  );
  return row;
}

/** SQL: all that a change can change. */
const comparedOf = (row: string): string =>
  [
    'urgency',
    'satisfaction',
    'decay_rate',
    'boost_factor',
    'max_urgency',
    'min_satisfaction',
    'base_decay_rate',
    'base_boost_factor',
    'is_active',
    'total_attempts',
    'success_count',
    'failure_count',
    'last_triggered_at',
    'last_satisfied_at',
  ]
    .map((column) => `${row}.${column}`)
    .join(', ');

/** Writes locked rows back, in one statement; those that are not as they were are announced once the transaction has committed. */
export async function saveStates(tx: Sql, rows: readonly StateRow[]): Promise<void> {
  await tx.query(
    `WITH saved AS (UPDATE motivational_states s
        SET urgency = d.urgency, satisfaction = d.satisfaction, decay_rate = d."decayRate", boost_factor = d."boostFactor",
            max_urgency = d."maxUrgency", min_satisfaction = d."minSatisfaction", base_decay_rate = d."baseDecayRate",
            base_boost_factor = d."baseBoostFactor", is_active = d."isActive", total_attempts = d."totalAttempts",
            success_count = d."successCount", failure_count = d."failureCount", success_rate = d."successRate",
            last_triggered_at = d."lastTriggeredAt", last_satisfied_at = d."lastSatisfiedAt", updated_at = clock_timestamp()
       FROM jsonb_to_recordset($1::jsonb) AS d(id uuid, urgency float8, satisfaction float8, "decayRate" float8, "boostFactor" float8,
              "maxUrgency" float8, "minSatisfaction" float8, "baseDecayRate" float8, "baseBoostFactor" float8, "isActive" boolean,
              "totalAttempts" int, "successCount" int, "failureCount" int, "successRate" float8,
              "lastTriggeredAt" timestamptz, "lastSatisfiedAt" timestamptz)
       JOIN motivational_states old ON old.id = d.id
      WHERE s.id = d.id
      RETURNING s.motivation_type AS type, (${comparedOf('s')}) IS DISTINCT FROM (${comparedOf('old')}) AS has_changed)
     SELECT pg_notify($2, type) FROM saved WHERE has_changed`,
    [storableJson(rows), STATES_CHANNEL],
  );
}
