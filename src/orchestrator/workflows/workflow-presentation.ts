import { Decimal } from 'decimal.js';
import type {
  WorkflowAccepted,
  WorkflowDetail,
  WorkflowResult,
  WorkflowStatusView,
  WorkflowView,
} from './dto/workflow-answers.dto.js';
import type { Shape } from '../tree-rows.js';
import { remainingOf, type Remaining } from './remaining.rules.js';
import type { WholeWorkflow, WorkflowFacts } from './workflow-facts.js';

export const hasEnded = ({ completed_at }: Pick<WorkflowFacts, 'completed_at'>): boolean => completed_at !== null;

export function presentResult(facts: WholeWorkflow): WorkflowResult {
  return {
    workflow_id: facts.id,
    success: facts.success === true,
    content: facts.result_content ?? '',
    metadata: resultMetadata(facts),
    execution_time_ms: elapsedMs(facts),
    cost_usd: usd(facts.spent_usd),
    timestamp: (facts.completed_at ?? facts.now).toISOString(),
  };
}

export const presentAccepted = (facts: WorkflowFacts): WorkflowAccepted => ({
  workflow_id: facts.id,
  status: facts.status,
  success: null,
  content: '',
  metadata: {},
});

export function presentStatus(facts: WorkflowFacts): WorkflowStatusView {
  const remaining = remainingTime(facts);
  return {
    workflow_id: facts.id,
    status: facts.status,
    created_at: facts.created_at.toISOString(),
    updated_at: facts.updated_at.toISOString(),
    metadata: {
      ...resultMetadata(facts),
      paused: facts.is_paused && !hasEnded(facts),
      priority: facts.priority,
      urgency: facts.urgency,
      input_type: facts.input_type,
      parent_workflow_id: facts.parent_workflow_id,
      continuations: facts.continuations,
    },
    progress_percentage: facts.progress,
    phase: facts.phase,
    strategy: facts.strategy,
    agents: { active: facts.agents_active, completed: facts.agents_completed, failed: facts.agents_failed },
    cost_usd: usd(facts.spent_usd),
    tokens: tokens(facts),
    pending_approvals: facts.pending_approvals,
    elapsed_ms: elapsedMs(facts),
    estimated_remaining_ms: remaining?.ms ?? null,
    estimated_remaining_error_ms: remaining?.errorMs ?? null,
    bottlenecks: facts.waiting_for,
    risk_factors: riskFactors(facts),
    quality_indicators: {
      agent_success_rate: facts.agents_total === 0 ? null : facts.agents_completed / facts.agents_total,
      warnings: facts.warnings.length,
    },
  };
}

export const presentWorkflow = (
  facts: Pick<
    WorkflowFacts,
    | 'id'
    | 'input_type'
    | 'goal'
    | 'status'
    | 'phase'
    | 'strategy'
    | 'origin'
    | 'schedule_id'
    | 'trigger_id'
    | 'priority'
    | 'urgency'
    | 'success'
    | 'error_code'
    | 'spent_usd'
    | 'created_at'
    | 'updated_at'
    | 'completed_at'
  >,
): Shape<WorkflowView> => ({
  workflow_id: facts.id,
  input_type: facts.input_type,
  goal: facts.goal,
  status: facts.status,
  phase: facts.phase,
  strategy: facts.strategy,
  origin: facts.origin,
  schedule_id: facts.schedule_id,
  trigger_id: facts.trigger_id,
  priority: facts.priority,
  urgency: facts.urgency,
  success: facts.success,
  error_code: facts.error_code,
  cost_usd: usd(facts.spent_usd),
  created_at: facts.created_at.toISOString(),
  updated_at: facts.updated_at.toISOString(),
  completed_at: facts.completed_at?.toISOString() ?? null,
});

export function presentDetail(facts: WholeWorkflow): WorkflowDetail {
  const { content, execution_context, domain_context, user_context, historical_context } = facts;
  const committed = new Decimal(facts.spent_usd ?? 0).plus(facts.reserved_usd ?? 0).plus(facts.in_doubt_usd ?? 0);
  const limit = facts.limit_usd === null ? undefined : new Decimal(facts.limit_usd);
  const { success, content: text, metadata, execution_time_ms } = presentResult(facts);
  return {
    ...presentWorkflow(facts),
    parent_workflow_id: facts.parent_workflow_id,
    continuations: facts.continuations,
    input: { content, execution_context, domain_context, user_context, historical_context },
    result: hasEnded(facts) ? { success, content: text, metadata, execution_time_ms } : null,
    budget: {
      limit_usd: limit?.toNumber() ?? null,
      spent_usd: usd(facts.spent_usd),
      reserved_usd: usd(facts.reserved_usd),
      in_doubt_usd: usd(facts.in_doubt_usd),
      remaining_usd: limit === undefined ? null : Decimal.max(0, limit.minus(committed)).toNumber(),
    },
    scores: facts.scores,
    feedback: facts.feedback,
  };
}

function resultMetadata(facts: WorkflowFacts): Record<string, unknown> {
  return {
    strategy: facts.strategy,
    strategy_used: facts.strategy,
    strategy_reasons: facts.strategy_reasons,
    strategy_alternatives: facts.strategy_alternatives,
    complexity: facts.complexity,
    complexity_analysis: facts.complexity,
    estimate: facts.estimate,
    resource_estimate: facts.estimate,
    agents: {
      total: facts.agents_total,
      active: facts.agents_active,
      completed: facts.agents_completed,
      failed: facts.agents_failed,
    },
    tokens: tokens(facts),
    scores: facts.scores,
    provider: facts.provider,
    warnings: facts.warnings,
    ...(facts.validation !== null && { validation: facts.validation }),
    ...(facts.success_criteria !== null && { success_criteria: facts.success_criteria }),
    ...(facts.schedule_id !== null && { schedule_id: facts.schedule_id }),
    ...(facts.trigger_id !== null && { trigger_id: facts.trigger_id }),
    ...facts.registered,
    ...(facts.error_code !== null && { error: facts.error_message ?? '', error_code: facts.error_code }),
  };
}

function remainingTime(facts: WorkflowFacts): Remaining | undefined {
  if (hasEnded(facts)) return { ms: 0, errorMs: 0 };
  const { estimate, left_ms: leftMs } = facts;
  const limitMs = estimate?.time_limit_ms;
  return remainingOf({
    progress: facts.progress,
    workedMs: leftMs === null || limitMs === undefined ? undefined : Math.max(0, limitMs - leftMs),
    isRetried: facts.retries > 0,
    estimate,
    agents: {
      completed: facts.agents_completed,
      meanMs: facts.agents_mean_ms,
      deviationMs: facts.agents_deviation_ms,
    },
  });
}

function riskFactors(facts: WorkflowFacts): string[] {
  const high = Object.entries(facts.complexity ?? {})
    .filter(([dimension, level]) => dimension !== 'overall' && (level === 'high' || level === 'critical'))
    .map(([dimension, level]) => `${dimension.replaceAll('_', ' ')} complexity is ${String(level)}`);
  const limit = new Decimal(facts.limit_usd ?? 0);
  const isDear = limit.gt(0) && new Decimal(facts.spent_usd ?? 0).div(limit).gt(0.8);
  return isDear ? [...high, 'over 80 % of the budget is spent'] : high;
}

const tokens = ({
  tokens_input: input,
  tokens_output: output,
}: WorkflowFacts): { input: number; output: number; total: number } => ({
  input,
  output,
  total: input + output,
});

const elapsedMs = ({ started_at, completed_at, now }: WorkflowFacts): number =>
  started_at === null ? 0 : Math.max(0, (completed_at ?? now).getTime() - started_at.getTime());

const usd = (amount: string | null): number => new Decimal(amount ?? 0).toNumber();
