import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.service.js';
import { SharedReads } from '../database/shared-reads.js';
import type { Plain } from '../http/plain.js';
import { arbitrationScore } from './arbitration.rules.js';
import type { MotivationalStateDto, MotivationalStatesDto } from './dto/motivational-states.dto.js';

interface StateRow {
  motivation_type: string;
  urgency: number;
  satisfaction: number;
  success_rate: number;
  total_attempts: number;
  success_count: number;
  failure_count: number;
  is_active: boolean;
  last_triggered_at: Date | null;
  last_satisfied_at: Date | null;
  decay_rate: number;
  boost_factor: number;
  max_urgency: number;
}

const STATES = `SELECT motivation_type, urgency, satisfaction, success_rate, total_attempts, success_count, failure_count, is_active,
    last_triggered_at, last_satisfied_at, decay_rate, boost_factor, max_urgency
  FROM motivational_states ORDER BY motivation_type`;

@Injectable()
export class MotivationService {
  private readonly rows: SharedReads<StateRow[]>;

  constructor(database: Database) {
    this.rows = new SharedReads(() => database.query<StateRow>(STATES));
  }

  async states(now = new Date()): Promise<Plain<MotivationalStatesDto>> {
    const rows = await this.rows.read('all');
    return {
      total_active_states: rows.filter((row) => row.is_active).length,
      states: rows.map((row) => present(row, now)),
      engine_running: this.engineState().running,
      timestamp: now.toISOString(),
    };
  }

  /** No engine is part of NYX yet: nothing has initialised it, nothing runs. */
  engineState(): { readonly status: 'not_initialized'; readonly running: boolean } {
    return { status: 'not_initialized', running: false };
  }
}

/** A score without what binary fractions add to it. */
const withoutNoise = (score: number): number => Number(score.toFixed(12));

const present = (row: StateRow, now: Date): Plain<MotivationalStateDto> => ({
  motivation_type: row.motivation_type,
  urgency: row.urgency,
  satisfaction: row.satisfaction,
  arbitration_score: withoutNoise(
    arbitrationScore(
      {
        urgency: row.urgency,
        satisfaction: row.satisfaction,
        totalAttempts: row.total_attempts,
        successRate: row.success_rate,
        lastTaskAt: row.last_triggered_at,
      },
      now,
    ),
  ),
  success_rate: row.success_rate,
  total_attempts: row.total_attempts,
  success_count: row.success_count,
  failure_count: row.failure_count,
  is_active: row.is_active,
  last_triggered: row.last_triggered_at?.toISOString() ?? null,
  last_satisfied: row.last_satisfied_at?.toISOString() ?? null,
  decay_rate: row.decay_rate,
  boost_factor: row.boost_factor,
  max_urgency: row.max_urgency,
});
