import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.service.js';
import { SharedReads } from '../../waiting/shared-reads.js';
import { LEVELS, type Level } from '../planning/complexity.rules.js';
import { ENOUGH_SAMPLES } from '../planning/estimate.rules.js';
import { INPUT_TYPES, STRATEGIES, type InputType } from '../workflows/workflow.values.js';
import { asHistory, historyOf } from './class-history.js';
import { posteriorOf, type StrategyHistory } from './learned-preference.rules.js';
import type { LearnedClass, Learning, StrategyPosterior } from './learning.dto.js';

type ClassRow = Parameters<typeof asHistory>[0] & { input_type: InputType; complexity: Level };

/** Every class that there can be, each by its newest outcomes only. */
const ALL_HISTORIES = `
  SELECT i.input_type, c.complexity, s.strategy, h.samples, h.successes, h.llm_calls, h.agents, h.cost_usd, h.mean_duration_ms, h.duration_ms
    FROM unnest($1::text[]) WITH ORDINALITY i(input_type, input_rank) CROSS JOIN unnest($2::text[]) WITH ORDINALITY c(complexity, level)
    CROSS JOIN unnest($3::text[]) s(strategy) CROSS JOIN LATERAL (${historyOf('i.input_type', 'c.complexity')}) h
   WHERE h.samples > 0 ORDER BY i.input_rank, c.level`;

/** What was learned, for people to see. */
@Injectable()
export class LearningQueries {
  private readonly rows: SharedReads<ClassRow[]>;

  constructor(database: Database) {
    this.rows = new SharedReads(() => database.query<ClassRow>(ALL_HISTORIES, [INPUT_TYPES, LEVELS, STRATEGIES]));
  }

  async learning(): Promise<Learning> {
    const classes = new Map<string, LearnedClass>();
    for (const row of await this.rows.read('all')) {
      const { input_type, complexity } = row;
      const key = `${input_type}/${complexity}`;
      const own = classes.get(key) ?? { input_type, complexity, strategies: [] };
      own.strategies.push(presentPosterior(asHistory(row)));
      classes.set(key, own);
    }
    for (const { strategies } of classes.values()) strategies.sort((a, b) => b.mean - a.mean);
    return {
      classes: [...classes.values()],
      count: classes.size,
      enough_samples: ENOUGH_SAMPLES,
      timestamp: new Date().toISOString(),
    };
  }
}

function presentPosterior(history: StrategyHistory): StrategyPosterior {
  const { alpha, beta, mean, deviation } = posteriorOf(history);
  const rounded = (value: number): number => Math.round(value * 1e6) / 1e6;
  return {
    strategy: history.strategy,
    samples: history.samples,
    alpha: rounded(alpha),
    beta: rounded(beta),
    mean: rounded(mean),
    deviation: rounded(deviation),
    mean_cost_usd: history.cost_usd,
    mean_duration_ms: history.mean_duration_ms,
    is_used: history.samples >= ENOUGH_SAMPLES,
  };
}
