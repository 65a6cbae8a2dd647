import { cutTo } from '../../database/cut.rules.js';
import type { Problem } from '../../http/problem.js';
import { toleratesMissing, type Tolerance } from '../adaptation/failure-tolerance.rules.js';

/** Of the titles of each kind that a message names. */
const MOST_TITLES = 5;
const LONGEST_TITLE = 80;
const LONGEST_MESSAGE = 2_000;

/** What limits are called in the message of a workflow that one of them ended. */
const LIMITS: Readonly<Record<string, string>> = {
  BUDGET_EXCEEDED: 'cost',
  TIME_LIMIT: 'time',
  AGENT_LIMIT: 'agent',
  OVERLOADED: 'concurrency',
};

/** Follows from the failure of another subtask. */
const CONSEQUENCE = 'DEPENDENCY_FAILED';

export interface Failure {
  readonly code: string;
  readonly message: string;
}

export interface SubtaskEnd {
  readonly title: string;
  readonly status: string;
  readonly reason: string | null;
  readonly code: string | null;
  /** It was decided to do without it. */
  readonly isDispensable: boolean;
  /** Others of the plan need its result. */
  readonly isNeeded: boolean;
}

export type Unfinished = { readonly failure: Failure } | { readonly warning: string };

/**
 * Why an orchestrator cannot end well any more: which limit, what is done, what is left; a warning where what is missing is tolerated.
 * Undefined when all subtasks are done.
 */
export function unfinished(subtasks: readonly SubtaskEnd[], tolerance: Tolerance): Unfinished | undefined {
  const missing = subtasks.filter(({ status }) => status !== 'completed');
  if (missing.length === 0) return undefined;
  const left = missing.filter(({ isDispensable }) => !isDispensable);
  const criticalMissing = left.filter(({ isNeeded }) => isNeeded).length;
  if (toleratesMissing(tolerance, { subtasks: subtasks.length, missing: left.length, criticalMissing })) {
    return {
      warning: `Without the results of ${missing.length} of ${subtasks.length} subtasks (${titlesOf(missing)}).`,
    };
  }
  return { failure: failureOf(subtasks, left) };
}

function failureOf(subtasks: readonly SubtaskEnd[], left: readonly SubtaskEnd[]): Failure {
  const done = subtasks.filter(({ status }) => status === 'completed');
  // What a limit ended explains the rest, wherever it stands in the plan.
  const cause =
    left.find(({ code }) => code !== null && code in LIMITS) ??
    left.find(({ code }) => code !== null && code !== CONSEQUENCE) ??
    left[0];
  const limit = LIMITS[cause?.code ?? ''];
  const parts = [
    ...(limit === undefined ? [] : [`The ${limit} limit was hit.`]),
    `${left.length} of ${subtasks.length} subtasks have no result (${titlesOf(left)}).`,
    ...(done.length === 0 ? [] : [`Done: ${titlesOf(done)}.`]),
    ...(cause?.reason ? [cause.reason] : []),
  ];
  return { code: cause?.code ?? 'SUBTASKS_UNFINISHED', message: cutTo(parts.join(' '), LONGEST_MESSAGE) };
}

/** A model call that was not answered; of a budget that is a sub-orchestrator's share it says so. */
export function failureOfProblem({ code, detail, options }: Problem, workflowId: string): Failure {
  const { scope, scope_key: key } = options.extensions ?? {};
  const isShare = code === 'BUDGET_EXCEEDED' && scope === 'workflow' && key !== workflowId;
  return { code, message: isShare ? `${detail} That budget is the share of a sub-orchestrator.` : detail };
}

/** A failure by a limit begins with which it is. */
export function withLimitNamed(failure: Failure): Failure {
  const limit = LIMITS[failure.code];
  if (limit === undefined || failure.message.startsWith(`The ${limit} limit `)) return failure;
  return { code: failure.code, message: `The ${limit} limit was hit. ${failure.message}` };
}

/** The failure of what came before any work: a plan, the only agent. */
export function withNothingDone(failure: Failure): Failure {
  const limit = LIMITS[failure.code];
  if (limit === undefined) return failure;
  const message = `The ${limit} limit was hit before anything was done, all of the task is left. ${failure.message}`;
  return { code: failure.code, message };
}

/** The failure of an only agent that had begun: what it said last is kept. */
export function withWorkBegun(failure: Failure): Failure {
  const limit = LIMITS[failure.code];
  if (limit === undefined) return failure;
  const message = `The ${limit} limit was hit. Done: what its agent said last. The rest of the task is left. ${failure.message}`;
  return { code: failure.code, message };
}

function titlesOf(subtasks: readonly SubtaskEnd[]): string {
  const named = subtasks.slice(0, MOST_TITLES).map(({ title }) => cutTo(title, LONGEST_TITLE));
  const more = subtasks.length - named.length;
  return [...named, ...(more > 0 ? [`${more} more`] : [])].join(', ');
}
