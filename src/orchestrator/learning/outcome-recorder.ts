import { Injectable } from '@nestjs/common';
import { Decimal } from 'decimal.js';
import type { Sql, Transaction } from '../../database/sql.js';
import { checkedEstimate, type Effort, type Estimate } from '../planning/estimate.rules.js';
import type { StrategyName, WorkflowStatus } from '../workflows/workflow.values.js';
import {
  BASELINE_SAMPLES,
  evidenceOf,
  NEUTRAL_BUSINESS_IMPACT,
  scoresOf,
  type ScoreInput,
  type Scores,
} from './scores.rules.js';

/** Newest workflows of a class that its median is made of; a bound, so that the end of a workflow never reads more. */
const NEWEST_FOR_BASELINE = 200;

interface OutcomeFacts {
  status: WorkflowStatus;
  strategy: StrategyName | null;
  complexity: string | null;
  estimate: Estimate | null;
  business_impact: unknown;
  validation: { score?: unknown } | null;
  success_criteria: readonly { met?: unknown }[] | null;
  duration_ms: number | null;
  cost_usd: string;
  llm_calls: number;
  feedback: number | null;
  agents: number;
  succeeded: number;
  retries: number;
  critical_failures: number;
  baseline_samples: number;
  median_duration_ms: number | null;
}

/** Of an ended workflow, by its own rows and at most NEWEST_FOR_BASELINE of its class. */
const OUTCOME_FACTS = `
  SELECT w.status, w.strategy, w.complexity->>'overall' AS complexity, w.estimate, w.user_context->'business_impact' AS business_impact,
         w.validation, w.success_criteria, extract(epoch FROM w.completed_at - w.started_at)::float8 * 1000 AS duration_ms, coalesce(b.spent_usd, 0) AS cost_usd,
         (SELECT count(*)::int FROM llm_interactions WHERE workflow_id = w.id) AS llm_calls,
         (SELECT avg(score) FROM workflow_feedback WHERE workflow_id = w.id) AS feedback,
         tally.agents, tally.succeeded, tally.retries, critical.critical_failures, class.baseline_samples, class.median_duration_ms
    FROM workflows w
    LEFT JOIN budget_scopes b ON b.kind = 'workflow' AND b.key = $1::uuid::text
    CROSS JOIN LATERAL (
      SELECT count(*)::int AS agents, count(*) FILTER (WHERE a.status = 'completed')::int AS succeeded,
             coalesce(sum((a.state#>>'{result,retries}')::int), 0)::int AS retries
        FROM thought_trees t JOIN agents a ON a.thought_tree_id = t.id WHERE t.root_id = w.id) tally
    CROSS JOIN LATERAL (
      SELECT count(*)::int AS critical_failures FROM thought_trees t
       WHERE t.root_id = w.id AND t.status = 'failed' AND t.id::text IN (
         SELECT jsonb_array_elements_text(needing.metadata->'dependencies') FROM thought_trees needing
          WHERE needing.root_id = w.id AND jsonb_typeof(needing.metadata->'dependencies') = 'array')) critical
    CROSS JOIN LATERAL (
      SELECT count(*)::int AS baseline_samples, percentile_cont(0.5) WITHIN GROUP (ORDER BY duration_ms) AS median_duration_ms
        FROM (SELECT o.duration_ms, o.completed FROM workflow_outcomes o
               WHERE o.is_evidence AND o.input_type = w.input_type AND o.complexity = w.complexity->>'overall'
                 AND o.strategy = w.strategy AND o.ended_at > now() - interval '30 days'
               ORDER BY o.ended_at DESC LIMIT ${NEWEST_FOR_BASELINE}) newest WHERE completed) class
   WHERE w.id = $1`;

/**
 * Scores a workflow and keeps how it went. Called in the transaction that ends it, so it happens once, whatever dies. Nothing is shared
 * between workflows: each appends its own row, and who reads a class adds the newest of them up.
 */
@Injectable()
export class OutcomeRecorder {
  /** When the status of the workflow is written; a workflow that is run again and ends again replaces what it said. */
  async record(tx: Transaction, workflowId: string): Promise<void> {
    const [facts] = await tx.query<OutcomeFacts>(OUTCOME_FACTS, [workflowId]);
    if (facts === undefined) throw new Error(`Workflow ${workflowId} has no row.`);
    const input = scoreInputOf(facts);
    const feedback = facts.feedback ?? undefined;
    const scores = scoresOf(input, feedback);
    const actual: Effort = {
      llm_calls: facts.llm_calls,
      agents: facts.agents,
      cost_usd: new Decimal(facts.cost_usd).toNumber(),
      duration_ms: input.durationMs === null ? null : Math.round(input.durationMs),
    };
    const isEvidence =
      facts.status !== 'cancelled' &&
      facts.strategy !== null &&
      facts.complexity !== null &&
      facts.duration_ms !== null;
    tx.send(
      `WITH workflow AS (
         UPDATE workflows SET scores = $2, estimate = $3 WHERE id = $1 RETURNING id, input_type, complexity->>'overall' AS complexity, strategy
       ), ${SCORED_THOUGHT}
       INSERT INTO workflow_outcomes (workflow_id, input_type, complexity, strategy, is_evidence, completed, success, llm_calls, agents,
                                      cost_usd, duration_ms, score_input, ended_at)
       SELECT id, input_type, complexity, strategy, $4, $5, $6, $7, $8, $9, $10, $11, now() FROM workflow
       ON CONFLICT (workflow_id) DO UPDATE SET complexity = excluded.complexity, strategy = excluded.strategy,
              is_evidence = excluded.is_evidence, completed = excluded.completed, success = excluded.success,
              llm_calls = excluded.llm_calls, agents = excluded.agents, cost_usd = excluded.cost_usd,
              duration_ms = excluded.duration_ms, score_input = excluded.score_input, ended_at = excluded.ended_at`,
      [
        workflowId,
        scores,
        facts.estimate === null ? null : checkedEstimate(facts.estimate, actual),
        isEvidence,
        input.completed,
        evidenceOf(input.completed, feedback),
        actual.llm_calls,
        actual.agents,
        facts.cost_usd,
        input.durationMs,
        input,
      ],
    );
  }

  /** Weighs what a workflow was scored by again, with the feedback that there is now. The caller holds the lock of its row. */
  async reweigh(tx: Sql, workflowId: string): Promise<Scores> {
    const [row] = await tx.query<{ score_input: ScoreInput; feedback: number }>(
      `SELECT o.score_input, (SELECT avg(score) FROM workflow_feedback WHERE workflow_id = $1) AS feedback
         FROM workflow_outcomes o WHERE o.workflow_id = $1`,
      [workflowId],
    );
    if (row === undefined) throw new Error(`Workflow ${workflowId} ended without an outcome.`);
    const scores = scoresOf(row.score_input, row.feedback);
    await tx.query(
      `WITH workflow AS (UPDATE workflows SET scores = $2, updated_at = now() WHERE id = $1), ${SCORED_THOUGHT}
       UPDATE workflow_outcomes SET success = $3 WHERE workflow_id = $1`,
      [workflowId, scores, evidenceOf(row.score_input.completed, row.feedback)],
    );
    return scores;
  }
}

const SCORED_THOUGHT = `thought AS (
         UPDATE thought_trees SET success_score = ($2::jsonb->>'success')::float8, quality_score = ($2::jsonb->>'quality')::float8,
                speed_score = ($2::jsonb->>'speed')::float8, usefulness_score = ($2::jsonb->>'usefulness')::float8,
                overall_weight = ($2::jsonb->>'composite')::float8 WHERE id = $1
       )`;

function scoreInputOf(facts: OutcomeFacts): ScoreInput {
  const { validation, success_criteria: criteria } = facts;
  return {
    completed: facts.status === 'completed',
    agents: facts.agents,
    agentsSucceeded: facts.succeeded,
    criticalFailures: facts.critical_failures,
    retries: facts.retries,
    durationMs: facts.duration_ms,
    medianDurationMs: facts.baseline_samples < BASELINE_SAMPLES ? null : facts.median_duration_ms,
    validationScore: shareIn(validation?.score) ?? null,
    successCriteria:
      criteria === null ? null : { met: criteria.filter(({ met }) => met === true).length, total: criteria.length },
    businessImpact: shareIn(facts.business_impact) ?? NEUTRAL_BUSINESS_IMPACT,
  };
}

/** A context is free, so anything may stand there. */
const shareIn = (value: unknown): number | undefined =>
  typeof value === 'number' && value >= 0 && value <= 1 ? value : undefined;
