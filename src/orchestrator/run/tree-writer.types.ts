import type { Decimal } from 'decimal.js';
import type { LlmAnswer } from '../../llm/llm-call.js';
import type { PlannedSubtask, TaskKind } from '../planning/plan.rules.js';
import type { FailedTry } from './agent-attempts.rules.js';
import type { PastTurn } from './agent-turn.js';
import type { Failure } from './unfinished.rules.js';

export interface NewThought {
  readonly id: string;
  readonly dependencies: readonly string[];
  readonly subtask: PlannedSubtask;
}

export interface SpawnedThought {
  readonly id: string;
  readonly title: string;
  readonly instructions: string;
  readonly kind: TaskKind;
}

export interface ThoughtEnd {
  readonly status: 'completed' | 'failed' | 'cancelled';
  readonly reason?: string;
  readonly code?: string;
  /** The interaction whose answer is its result; a failed one may have one too. */
  readonly resultFrom?: string;
  /** It was decided to do without it: what depends on it goes on. */
  readonly isDispensable?: true;
  /** What the call that ends it cost, where that is not settled yet. In USD. */
  readonly unsettledUsd?: Decimal;
}

/** How an agent's work failed: after an answer, or without one. */
export interface AgentEnd {
  readonly failure: Failure;
  readonly answer?: LlmAnswer;
  /** Its turns before, and the tries that brought nothing. Default: none. */
  readonly past?: readonly PastTurn[];
  readonly failedTries?: readonly FailedTry[];
}
