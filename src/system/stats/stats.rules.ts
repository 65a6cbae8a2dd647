import { merged, percentilesOf, type Percentiles } from '../../llm/stats/latency.rules.js';
import { savedUsd, type Usage } from '../../llm/stats/usage.rules.js';
import { MOTIVATIONAL_TASK_STATUSES } from '../../motivation/tasks/motivational-task.values.js';
import { AGENT_STATUSES } from '../../orchestrator/agents/agent.values.js';
import { WORKFLOW_STATUSES } from '../../orchestrator/workflows/workflow.values.js';
import { EXECUTION_STATUSES } from '../../tools/tool-run.js';
import type { Plain } from '../../http/plain.js';
import type { CountsByStatus, UsageFigures } from './stats.dto.js';

/** The kinds of rows that are counted, as the triggers write them, with all statuses they may have. */
export const COUNTED = {
  workflow: WORKFLOW_STATUSES,
  agent: AGENT_STATUSES,
  motivational_task: MOTIVATIONAL_TASK_STATUSES,
  tool_execution: EXECUTION_STATUSES,
} as const;
export type CountedKind = keyof typeof COUNTED;

/** As the driver reads it. */
export interface CountRow {
  readonly kind: CountedKind;
  readonly status: string;
  readonly count: number;
  readonly buckets: Readonly<Record<string, number>> | null;
}

/** Every status of a kind, also where there are none. */
export function countsOf(kind: CountedKind, rows: readonly CountRow[]): Plain<CountsByStatus> {
  const ofKind = rows.filter((row) => row.kind === kind);
  const found = new Map(ofKind.map(({ status, count }) => [status, count]));
  return {
    total: ofKind.reduce((sum, { count }) => sum + count, 0),
    by_status: Object.fromEntries(COUNTED[kind].map((status) => [status, found.get(status) ?? 0])),
  };
}

/** Of those whose time is kept: workflows that completed, tools that succeeded. In ms. */
export const durationsOf = (kind: CountedKind, rows: readonly CountRow[]): Percentiles =>
  percentilesOf(
    merged(
      rows
        .filter((row) => row.kind === kind)
        .map(({ buckets }) => new Map(Object.entries(buckets ?? {}).map(([bucket, n]) => [Number(bucket), n]))),
    ),
  );

export const figuresOf = (usage: Usage): Plain<UsageFigures> => ({
  requests: usage.requests,
  input_tokens: usage.inputTokens,
  output_tokens: usage.outputTokens,
  total_tokens: usage.inputTokens + usage.outputTokens,
  cost_usd: usage.costUsd.toNumber(),
  in_doubt_usd: usage.inDoubtUsd.toNumber(),
  input_tokens_saved: usage.cacheReadInputTokens,
  cost_without_cache_usd: usage.costWithoutCacheUsd.toNumber(),
  cost_saved_by_caching: savedUsd(usage).toNumber(),
});
