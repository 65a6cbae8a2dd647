import type { AgentType } from '../agents/agent.values.js';
import { backoffMs, type FailedTry } from './agent-attempts.rules.js';
import type { PastTurn } from './agent-turn.js';

/**
 * Time that an agent may work: its models, its tools, its tries that brought nothing and the backoff after each. What it waits for
 * does not count: its turn, people, a pause of its workflow, subtasks it handed on, and a provider or breaker that asked for a wait.
 */
const MAX_WORK_MS: Readonly<Record<AgentType, number>> = {
  task: 300_000,
  council: 600_000,
  validator: 180_000,
  memory: 240_000,
};
/** One that has no time left still has to answer; with less than this left it does not try again. */
const LAST_ANSWER_MS = 60_000;

export const maxWorkMs = (agentType: AgentType = 'task'): number => MAX_WORK_MS[agentType];

/** For one answer of an agent's model, all repetitions of its call included. */
export const answerTimeoutMs = (agentType: AgentType = 'task', workedMs = 0): number =>
  Math.max(MAX_WORK_MS[agentType] - workedMs, LAST_ANSWER_MS);

/** Whether there is time for another try of an agent that has worked so long. */
export const hasTimeToTryAgain = (agentType: AgentType = 'task', workedMs = 0): boolean =>
  MAX_WORK_MS[agentType] - workedMs >= LAST_ANSWER_MS;

export const workMsOf = (past: readonly PastTurn[], failedTries: readonly FailedTry[] = []): number =>
  past.reduce(
    (sum, { workMs, outcomes }) =>
      outcomes.reduce((inner, outcome) => inner + ('workMs' in outcome ? outcome.workMs : 0), sum + workMs),
    failedTries.reduce((sum, { workMs = 0 }, at) => sum + workMs + backoffMs(failedTries.slice(0, at + 1)), 0),
  );
