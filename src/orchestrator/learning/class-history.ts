import { Injectable } from '@nestjs/common';
import { Decimal } from 'decimal.js';
import type { Sql } from '../../database/sql.js';
import type { Level } from '../planning/complexity.rules.js';
import { STRATEGIES, type InputType, type StrategyName } from '../workflows/workflow.values.js';
import type { StrategyHistory } from './learned-preference.rules.js';

/** What is older is forgotten, so that models and tools may get better; and the read stays as small at a million workflows. */
const NEWEST = 50;

interface HistoryRow {
  strategy: StrategyName;
  samples: number;
  successes: number;
  llm_calls: number;
  agents: number;
  cost_usd: string;
  mean_duration_ms: number;
  duration_ms: number;
  duration_error_ms: number;
}

/** Averages over the newest outcomes of a strategy `s` in a class. Goes backwards through the class index, at most NEWEST rows. */
export const historyOf = (inputType: string, complexity: string): string => `
  SELECT count(*)::int AS samples, sum(success) AS successes, round(avg(llm_calls), 2)::float8 AS llm_calls,
         round(avg(agents), 2)::float8 AS agents, round(avg(cost_usd), 10) AS cost_usd, avg(duration_ms) AS mean_duration_ms,
         percentile_cont(0.5) WITHIN GROUP (ORDER BY duration_ms) AS duration_ms,
         (percentile_cont(0.84) WITHIN GROUP (ORDER BY duration_ms) - percentile_cont(0.16) WITHIN GROUP (ORDER BY duration_ms)) / 2
           AS duration_error_ms
    FROM (SELECT success, llm_calls, agents, cost_usd, duration_ms FROM workflow_outcomes
           WHERE is_evidence AND input_type = ${inputType} AND complexity = ${complexity} AND strategy = s.strategy
           ORDER BY ended_at DESC LIMIT ${NEWEST}) newest`;

export const CLASS_HISTORY = `
  SELECT s.strategy, h.samples, h.successes, h.llm_calls, h.agents, h.cost_usd, h.mean_duration_ms, h.duration_ms, h.duration_error_ms
    FROM unnest($3::text[]) s(strategy) CROSS JOIN LATERAL (${historyOf('$1', '$2')}) h
   WHERE h.samples > 0`;

/** How the workflows of a class went, by strategy. */
@Injectable()
export class ClassHistory {
  /** Strategies without a past are left out. */
  async of(sql: Sql, inputType: InputType, complexity: Level): Promise<StrategyHistory[]> {
    return (await sql.query<HistoryRow>(CLASS_HISTORY, [inputType, complexity, STRATEGIES])).map(asHistory);
  }
}

export const asHistory = (row: HistoryRow): StrategyHistory => ({
  ...row,
  cost_usd: new Decimal(row.cost_usd).toNumber(),
  mean_duration_ms: Math.round(row.mean_duration_ms),
  duration_ms: Math.round(row.duration_ms),
  duration_error_ms: Math.round(row.duration_error_ms),
});
