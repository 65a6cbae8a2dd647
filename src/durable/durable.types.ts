import type { Transaction } from '../database/sql.js';

/** Every durable function belongs to a workflow: cancelling it aborts the effects of all its functions. JSON only. */
export interface DurableInput {
  readonly workflowId: string;
  /** The trace it belongs to, as of the W3C; unset: one of its own. Handed on to the functions that it starts. */
  readonly traceparent?: string;
  /** Of the request that began the workflow; unset: none did. Handed on like the trace. */
  readonly requestId?: string;
}

export type DurableFunction<Input extends DurableInput> = (input: Input) => Promise<void>;

/** What an effect (a model call, a tool) gets from the step it runs in. */
export interface EffectContext {
  /** Names this step for ever: the same over crashes, different from every other step. */
  readonly stepKey: string;
  /** Aborted when the workflow is cancelled or this process may no longer work for it. */
  readonly signal: AbortSignal;
  /** Aborts with `signal`, and already when this process begins to stop: for waits that hold nothing. */
  readonly idleSignal: AbortSignal;
  /** For waits that hold nothing, such as for a person: as long as they last, others may begin in the place of their workflow. */
  readonly whileWaiting: <T>(wait: () => Promise<T>) => Promise<T>;
  /** To be called first in `tx`: it fails, before it commits, unless this process still owns the workflow, and keeps it so until then. */
  readonly fence: (tx: Transaction) => void;
  /**
   * To be called in a fenced transaction with what the effect will return: then the step's checkpoint commits with the effect's rows. What
   * has been committed so holds, also when the effect fails after it.
   */
  readonly checkpoint: (tx: Transaction, result: unknown) => Promise<void>;
}

export interface AcceptOptions<Input extends DurableInput> {
  readonly name: string;
  /** The durable id; equal ids are one execution. */
  readonly id: string;
  readonly input: Input;
  /** 1 (first) to 2^31 - 1. */
  readonly priority: number;
}
