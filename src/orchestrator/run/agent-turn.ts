import type { ExecutionStatus } from '../../tools/tool-run.js';

export interface AskedCall {
  readonly isRead: boolean;
  /** The same for the same tool and parameters. */
  readonly callPrint: string;
  /** Asks for a subtask instead of a tool. */
  readonly isSpawn?: true;
  /** Somebody has to agree first. */
  readonly asks?: true;
}

/**
 * A turn in which an agent's model asks for tools, as the checkpoint of its step keeps it: what the run decides by. What was said
 * and the calls themselves stand in the interaction's row.
 */
export interface AskingTurn {
  readonly interactionId: string;
  /** What is known of each call without running it. */
  readonly calls: readonly AskedCall[];
  /** Names of the tools that were offered. */
  readonly offered: readonly string[];
  readonly costUsd: string;
  readonly retries: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Of the model. */
  readonly workMs: number;
  /** What its request said was wrong with an answer before it; older checkpoints have none. */
  readonly mistake?: string;
}

/** How a call ended, as the checkpoint of its step keeps it: a row to look at, or why there is none. */
export type CallOutcome =
  | {
      readonly executionId: string;
      readonly status: Exclude<ExecutionStatus, 'running'>;
      /** Of the tool. */
      readonly workMs: number;
      /** The same for the same result. */
      readonly resultPrint: string;
    }
  | { readonly error: string };

export interface PastTurn extends AskingTurn {
  readonly outcomes: readonly CallOutcome[];
}
