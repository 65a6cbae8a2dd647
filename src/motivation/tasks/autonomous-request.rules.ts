import { Decimal } from 'decimal.js';
import type { ExecuteWorkflow } from '../../orchestrator/workflows/dto/execute-workflow.dto.js';
import type { Priority } from '../../orchestrator/workflows/workflow.values.js';
import type { Proposal } from '../motivations/motivation.js';

/** Of one autonomous workflow under `safety_enabled`, unless less is allowed. */
const SAFE_BUDGET_USD = 0.5;

const HIGH_FROM = 0.8;
const MEDIUM_FROM = 0.6;
/** Its deepest level, its time and its agents at once: less than what people may ask for. */
const LIMITS = { max_concurrent_agents: 6, max_execution_time_minutes: 60, max_recursion_depth: 5 };

/** The most that one task may cost, whatever is left of the day. @param workflowBudgetUsd of a workflow that names no limit; undefined, here or as the answer: no limit */
export function taskBudgetUsd(isSafe: boolean, workflowBudgetUsd: Decimal | undefined): Decimal | undefined {
  if (!isSafe) return workflowBudgetUsd;
  return Decimal.min(SAFE_BUDGET_USD, workflowBudgetUsd ?? SAFE_BUDGET_USD);
}

/** @param score 0..1 */
export const priorityOf = (score: number): Priority =>
  score >= HIGH_FROM ? 'high' : score >= MEDIUM_FROM ? 'medium' : 'low';

/** Limits and quality are NYX's, whatever the proposal says of them; how it is executed is the proposal's. */
export function autonomousRequest(
  { request }: Proposal,
  score: number,
  costUsd: Decimal | undefined,
): ExecuteWorkflow & { readonly execution_context: { readonly resource_limits: Readonly<Record<string, number>> } } {
  return {
    ...request,
    priority: priorityOf(score),
    execution_context: {
      ...request.execution_context,
      resource_limits: { ...LIMITS, ...(costUsd && { max_cost_usd: costUsd.toNumber() }) },
      quality_settings: { validation_level: 'standard' },
    },
  };
}

/** Every text of a proposal that a model will read, the prompt first, each once. */
export function textsOf({ prompt, request: { content, domain_context: domain = {} } }: Proposal): string {
  return [...new Set([prompt, ...textsIn(content), ...textsIn(domain)])].join('\n\n');
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}
