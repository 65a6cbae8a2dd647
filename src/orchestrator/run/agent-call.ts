import type { Transaction } from '../../database/sql.js';
import type { NewEvent } from '../../events/event-log.js';
import type { LlmAnswer, LlmCall } from '../../llm/llm-call.js';
import type { EarlyEnd } from '../adaptation/adaptation.rules.js';
import type { AgentPrompt } from '../planning/prompts.js';
import type { AlikeCalls } from '../planning/reuse.rules.js';
import type { FailedTry } from './agent-attempts.rules.js';
import type { SettledSubtask } from './run-reader.js';
import type { AgentOutcome, AgentTask } from './workflow-run.js';

/** What an agent would need and does not get, or that there is nothing left for it to do: then nothing is asked. */
export interface Unmet {
  readonly unmet: readonly string[];
  readonly settled?: SettledSubtask;
  /** Why nothing is begun any more. */
  readonly endsEarly?: EarlyEnd;
}

export interface AgentCall extends AgentTask {
  /** Runs inside the step, so it may read rows. */
  readonly prompt: () => Promise<AgentPrompt | Unmet>;
  /** The workflow's calls that begin like this one, itself included; default: none does. */
  readonly alike?: AlikeCalls;
  /** A turn after the agent's first: its conversation is expected to go on. */
  readonly isContinued?: boolean;
  /** Tries of the agent that brought nothing usable, over all its calls; grows with each. Default: none yet. */
  readonly failedTries?: FailedTry[];
  /** What the agent's turns before have worked, of the time it has. */
  readonly workedMs?: number;
  /** More rows that must stand before the call, ahead of the agent's own; written again when the step is entered again. */
  readonly prepare?: (tx: Transaction) => Promise<void>;
  /** The same, after the agent's own row. */
  readonly started?: (tx: Transaction) => Promise<void>;
  /** What is told before the start of the agent, together with it. */
  readonly announced?: readonly NewEvent[];
}

/** What is done with an answer. */
export interface AnswerUse<T> {
  readonly output?: LlmCall['output'];
  /** The agent's rows, in the transaction that settles its call. */
  readonly commit: (tx: Transaction, answer: LlmAnswer) => void | Promise<void>;
  /** What of the answer the run goes on with; kept as JSON in the step's checkpoint. `mistake`: what its request said of an answer before it. */
  readonly result: (answer: LlmAnswer, mistake?: string) => T;
}

/** The outcome of an agent whose work was one answer. */
export const outcomeOf = ({ interactionId, fault }: LlmAnswer): AgentOutcome =>
  fault === undefined ? { ok: true, interactionId } : { ok: false, ...fault, interactionId };
