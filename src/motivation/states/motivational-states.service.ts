import { Injectable } from '@nestjs/common';
import type { Owner } from '../../auth/owner.js';
import { cutTo } from '../../database/cut.rules.js';
import { Database } from '../../database/database.service.js';
import { SharedReads } from '../../waiting/shared-reads.js';
import type { Plain } from '../../http/plain.js';
import { notFound, type Problem } from '../../http/problem.js';
import { factorsOf, scoreOf } from '../dynamics/arbitration.rules.js';
import { withoutNoise } from '../dynamics/without-noise.rules.js';
import { EngineReader } from '../engine/engine-reader.js';
import { MotivationRegistry } from '../motivations/motivation-registry.js';
import type {
  MotivationalStateDetailDto,
  MotivationalStateDto,
  MotivationalStatesDto,
  RecentBoostDto,
} from './dto/motivational-state.dto.js';
import { STATE_COLUMNS, type StateRow } from './state-rows.js';

interface DetailRow extends StateRow {
  readonly boosts: Plain<RecentBoostDto>[] | null;
  readonly updatedAt: Date;
}

@Injectable()
export class MotivationalStates {
  private readonly rows: SharedReads<StateRow[]>;

  constructor(
    private readonly database: Database,
    private readonly engine: EngineReader,
    private readonly motivations: MotivationRegistry,
  ) {
    this.rows = new SharedReads(() =>
      database.query<StateRow>(`SELECT ${STATE_COLUMNS} FROM motivational_states ORDER BY motivation_type`),
    );
  }

  async states(now = new Date()): Promise<Plain<MotivationalStatesDto>> {
    const [rows, engine] = await Promise.all([this.rows.read('all'), this.engine.read()]);
    const states = rows.map((row) => this.present(row, now));
    return {
      total_active_states: states.filter((state) => state.is_active).length,
      states,
      engine_running: engine?.isRunning ?? false,
      timestamp: now.toISOString(),
    };
  }

  /** @param owner whose boosts are shown. @throws Problem NOT_FOUND */
  async state(type: string, owner: Owner, now = new Date()): Promise<Plain<MotivationalStateDetailDto>> {
    const [state] = await this.byTypes([type], owner, now);
    if (state === undefined) throw unknownMotivation(type);
    return state;
  }

  /** Those of these types that there are. */
  async byTypes(
    types: readonly string[],
    owner: Owner,
    now = new Date(),
  ): Promise<Plain<MotivationalStateDetailDto>[]> {
    if (types.length === 0) return [];
    const rows = await this.database.query<DetailRow>(
      `SELECT ${STATE_COLUMNS}, metadata -> 'boosts' AS boosts, updated_at AS "updatedAt"
         FROM motivational_states WHERE motivation_type = ANY($1::text[]) ORDER BY motivation_type`,
      [types],
    );
    return rows.map((row) => this.detail(row, owner, now));
  }

  private detail(row: DetailRow, owner: Owner, now: Date): Plain<MotivationalStateDetailDto> {
    const motivation = this.motivations.find(row.type);
    return {
      ...this.present(row, now),
      description: motivation?.description ?? null,
      category: motivation?.category ?? null,
      cooldown_seconds: motivation?.cooldownSeconds ?? null,
      min_satisfaction: row.minSatisfaction,
      base_decay_rate: row.baseDecayRate,
      base_boost_factor: row.baseBoostFactor,
      recent_boosts: (row.boosts ?? []).filter(({ by }) => owner === undefined || by === owner),
      updated_at: row.updatedAt.toISOString(),
    };
  }

  /** A row that no code defines any more is shown, and is not active whatever it says. */
  private present(row: StateRow, now: Date): Plain<MotivationalStateDto> {
    const isRegistered = this.motivations.find(row.type) !== undefined;
    return presentState({ ...row, isActive: row.isActive && isRegistered }, isRegistered, now);
  }
}

/** Names nothing of what was asked for but its beginning. */
export const unknownMotivation = (type: string): Problem =>
  notFound(`The motivation ${JSON.stringify(cutTo(type, 100))}`);

const presentState = (row: StateRow, isRegistered: boolean, now: Date): Plain<MotivationalStateDto> => ({
  motivation_type: row.type,
  urgency: withoutNoise(row.urgency),
  satisfaction: withoutNoise(row.satisfaction),
  arbitration_score: withoutNoise(scoreOf(factorsOf(row, now))),
  success_rate: row.successRate,
  total_attempts: row.totalAttempts,
  success_count: row.successCount,
  failure_count: row.failureCount,
  is_active: row.isActive,
  is_registered: isRegistered,
  last_triggered: row.lastTriggeredAt?.toISOString() ?? null,
  last_satisfied: row.lastSatisfiedAt?.toISOString() ?? null,
  decay_rate: withoutNoise(row.decayRate),
  boost_factor: withoutNoise(row.boostFactor),
  max_urgency: row.maxUrgency,
});
