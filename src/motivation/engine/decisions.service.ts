import { Injectable } from '@nestjs/common';
import type { Owner } from '../../auth/owner.js';
import { Database } from '../../database/database.service.js';
import { storableJson } from '../../database/storable.js';
import { exactTime, pageOf, placeAfter, type Cursor } from '../../http/cursor.js';
import type { Plain } from '../../http/plain.js';
import { invalid } from '../../http/problem.js';
import { MotivationRegistry } from '../motivations/motivation-registry.js';
import type { ConsideredDto, DecisionDto, DecisionPage, DecisionQuery } from './dto/decision.dto.js';
import type { EngineConfigDto } from './dto/engine.dto.js';

interface DecisionRow extends Cursor {
  readonly evaluatedAt: Date;
  readonly executorId: string;
  readonly elapsedSeconds: number;
  readonly durationMs: number;
  readonly config: Plain<EngineConfigDto>;
  readonly considered: readonly Plain<ConsideredDto>[];
}

const COLUMNS = `id, ${exactTime('evaluated_at')} AS at, evaluated_at AS "evaluatedAt", executor_id AS "executorId",
  elapsed_seconds AS "elapsedSeconds", duration_ms AS "durationMs", config, considered`;

/** The record of every evaluation, for the API. */
@Injectable()
export class Decisions {
  constructor(
    private readonly database: Database,
    private readonly motivations: MotivationRegistry,
  ) {}

  /** @throws Problem VALIDATION_ERROR for a motivation that does not exist */
  async list(
    { limit, cursor, motivation_type: type, spawned }: DecisionQuery,
    owner: Owner,
  ): Promise<Plain<DecisionPage>> {
    if (type !== undefined && this.motivations.find(type) === undefined) {
      throw invalid('motivation_type', 'there is no motivation of this name');
    }
    const after = placeAfter(cursor);
    const values: unknown[] = [limit + 1, after.at, after.id];
    const conditions = ['(evaluated_at, id) < ($2::timestamptz, $3::uuid)'];
    if (spawned === true) conditions.push('spawned > 0');
    if (spawned === false && type === undefined) conditions.push('spawned = 0');
    if (spawned !== undefined && type !== undefined) {
      const chosen = values.push(storableJson([{ motivation_type: type, chosen: true }]));
      conditions.push(`${spawned ? '' : 'NOT '}considered @> $${chosen}::jsonb`);
    }
    const rows = await this.database.query<DecisionRow>(
      `SELECT ${COLUMNS} FROM motivation_decisions WHERE ${conditions.join(' AND ')}
        ORDER BY evaluated_at DESC, id DESC LIMIT $1`,
      values,
    );
    return pageOf(rows, limit, (row) => presentDecision(owner === undefined ? row : withoutWork(row), type));
  }

  /** Those of these ids that are still there, oldest first. */
  async byIds(ids: readonly string[]): Promise<Plain<DecisionDto>[]> {
    if (ids.length === 0) return [];
    const rows = await this.database.query<DecisionRow>(
      `SELECT ${COLUMNS} FROM motivation_decisions WHERE id = ANY($1::uuid[]) ORDER BY evaluated_at, id`,
      [ids],
    );
    return rows.map((row) => presentDecision(row, undefined));
  }
}

/** Without what tells of anybody's work or of what all spend together. */
const withoutWork = (row: DecisionRow): DecisionRow => ({
  ...row,
  considered: row.considered.map((one) => ({
    ...one,
    evidence: null,
    rejections: one.rejections.map(({ reason, detail }) => ({
      reason,
      detail: reason === 'error' || reason === 'budget' ? '' : detail,
    })),
  })),
});

/** @param type the only motivation to be shown; undefined: all */
function presentDecision(row: DecisionRow, type: string | undefined): Plain<DecisionDto> {
  const considered = row.considered.filter((one) => type === undefined || one.motivation_type === type);
  const chosen = considered.flatMap(({ motivation_type, task_id, score }) =>
    task_id === null ? [] : [{ motivation_type, task_id, score }],
  );
  return {
    id: row.id,
    evaluated_at: row.evaluatedAt.toISOString(),
    executor_id: row.executorId,
    elapsed_seconds: row.elapsedSeconds,
    duration_ms: row.durationMs,
    config: row.config,
    spawned: chosen.length,
    chosen,
    considered,
  };
}
