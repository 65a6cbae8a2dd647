import type { StoredEstimate } from '../planning/estimate.rules.js';
import type { InputType, Priority, Urgency, WorkflowOrigin, WorkflowPhase, WorkflowStatus } from './workflow.values.js';

/** What can be long of a workflow: read only where it is shown. */
interface WorkflowTexts {
  content: Record<string, unknown>;
  execution_context: Record<string, unknown>;
  domain_context: Record<string, unknown>;
  user_context: Record<string, unknown>;
  historical_context: Record<string, unknown>;
  result_content: string | null;
  feedback: WorkflowFeedback;
}

/** Of every principal, the newest first, at most 50 of them. */
type WorkflowFeedback = {
  count: number;
  mean_score: number | null;
  items: Record<string, unknown>[];
};

/** One workflow with what its tree, its calls and its budget add up to. */
export interface WorkflowFacts {
  id: string;
  input_type: InputType;
  parent_workflow_id: string | null;
  /** Newest first, at most 100. */
  continuations: string[];
  priority: Priority;
  urgency: Urgency;
  origin: WorkflowOrigin;
  goal: string;
  status: WorkflowStatus;
  phase: WorkflowPhase;
  strategy: string | null;
  strategy_reasons: string[];
  strategy_alternatives: Record<string, unknown>[];
  complexity: Record<string, unknown> | null;
  estimate: StoredEstimate | null;
  provider: string | null;
  success: boolean | null;
  error_code: string | null;
  error_message: string | null;
  warnings: string[];
  schedule_id: string | null;
  trigger_id: string | null;
  registered: Record<string, unknown> | null;
  scores: Record<string, unknown> | null;
  validation: Record<string, unknown> | null;
  success_criteria: Record<string, unknown>[] | null;
  created_at: Date;
  updated_at: Date;
  started_at: Date | null;
  completed_at: Date | null;
  limit_usd: string | null;
  spent_usd: string | null;
  reserved_usd: string | null;
  in_doubt_usd: string | null;
  tokens_input: number;
  tokens_output: number;
  agents_total: number;
  agents_active: number;
  agents_completed: number;
  agents_failed: number;
  /** Percent. */
  progress: number;
  /** For how long it may still work; null before its start. */
  left_ms: number | null;
  retries: number;
  agents_mean_ms: number;
  agents_deviation_ms: number;
  waiting_for: string[];
  is_paused: boolean;
  pending_approvals: number;
  now: Date;
}

export type WholeWorkflow = WorkflowFacts & WorkflowTexts;

/** One statement; each part goes by an index on the workflow. */
const factsWith = (more: string): string => `
  SELECT ${more} w.id, w.input_type, w.parent_workflow_id, continuations.*, w.priority, w.urgency, w.origin, w.goal, w.status, w.phase, w.strategy,
         w.strategy_reasons, w.strategy_alternatives, w.complexity,
         w.estimate, w.provider, w.success, w.error_code, w.error_message, w.warnings, w.scores, w.schedule_id, w.trigger_id, w.registered,
         w.validation, w.success_criteria,
         w.created_at, w.updated_at, w.started_at, w.completed_at, now() AS now, w.paused_at IS NOT NULL AS is_paused,
         (SELECT count(*)::int FROM approvals WHERE workflow_id = w.id AND status = 'pending') AS pending_approvals,
         coalesce(b.own_limit_usd, b.limit_usd) AS limit_usd, b.spent_usd, b.reserved_usd, b.in_doubt_usd, llm.*, agents.*, thoughts.*, w.retries,
         (extract(epoch FROM w.deadline_at - coalesce(w.clock_stopped_at, now())) * 1000)::float8 AS left_ms,
         coalesce(s.progress, CASE WHEN w.status = 'completed' THEN 100 ELSE 0 END)::float8 AS progress
    FROM workflows w
    LEFT JOIN budget_scopes b ON b.kind = 'workflow' AND b.key = $1::uuid::text
    LEFT JOIN event_streams s ON s.workflow_id = w.id
    CROSS JOIN LATERAL (
      SELECT ARRAY(SELECT c.id FROM workflows c WHERE c.parent_workflow_id = w.id
                    ORDER BY c.created_at DESC, c.id DESC LIMIT 100) AS continuations) continuations
    CROSS JOIN LATERAL (
      SELECT coalesce(sum(token_count_input), 0)::float8 AS tokens_input,
             coalesce(sum(token_count_output), 0)::float8 AS tokens_output
        FROM llm_interactions WHERE workflow_id = w.id) llm
    CROSS JOIN LATERAL (
      SELECT count(*)::int AS agents_total,
             count(*) FILTER (WHERE a.status IN ('spawned', 'active', 'waiting', 'coordinating'))::int AS agents_active,
             count(*) FILTER (WHERE a.status = 'completed')::int AS agents_completed,
             count(*) FILTER (WHERE a.status = 'failed')::int AS agents_failed,
             coalesce(avg(took.ms), 0) AS agents_mean_ms, coalesce(stddev_samp(took.ms), 0) AS agents_deviation_ms
        FROM thought_trees t JOIN agents a ON a.thought_tree_id = t.id
             CROSS JOIN LATERAL (
               SELECT CASE WHEN a.status = 'completed'
                           THEN (extract(epoch FROM a.completed_at - a.created_at) * 1000)::float8 END AS ms) took
       WHERE t.root_id = w.id) agents
    CROSS JOIN LATERAL (
      SELECT coalesce(array_agg(t.goal ORDER BY t.position) FILTER (WHERE t.status = 'in_progress' AND EXISTS (
               SELECT FROM thought_trees later WHERE later.parent_id = w.id AND later.status = 'pending'
                  AND later.metadata->'dependencies' ? t.id::text)), '{}') AS waiting_for
        FROM thought_trees t WHERE t.parent_id = w.id) thoughts
   WHERE w.id = $1`;

export const WORKFLOW_FACTS = factsWith('');

export const WHOLE_WORKFLOW =
  factsWith(`w.content, w.execution_context, w.domain_context, w.user_context, w.historical_context,
         w.result_content, (SELECT jsonb_build_object('count', count(*), 'mean_score', avg(score), 'items', coalesce(
           jsonb_agg(jsonb_build_object('principal_id', principal_id, 'score', score, 'comment', comment, 'updated_at', updated_at)
                     ORDER BY updated_at DESC) FILTER (WHERE rank <= 50), '[]'))
            FROM (SELECT principal_id, score, comment, to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS updated_at,
                         row_number() OVER (ORDER BY updated_at DESC) AS rank FROM workflow_feedback WHERE workflow_id = w.id) f) AS feedback,`);
