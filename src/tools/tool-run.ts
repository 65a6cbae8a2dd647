import type { Transaction } from '../database/sql.js';
import type { ToolCaller } from './tool-caller.js';
import type { ToolResult } from './tool.js';

export interface ToolRequest {
  readonly toolName: string;
  /** As it came, not yet valid. */
  readonly parameters: unknown;
  readonly caller: ToolCaller;
  /** The rows an outside caller says it belongs to. */
  readonly attribution?: { readonly agentId?: string; readonly thoughtId?: string };
  /** Derived from a durable step: the run is claimed under it, and a second run under it does not act twice. Unset: a new one. */
  readonly executionId?: string;
  readonly signal: AbortSignal;
  /**
   * Makes a transaction fail, before it commits, when this process may no longer write for the workflow. Runs first in every one of the
   * run, but for that which, after it failed so, still keeps what the tool did.
   */
  readonly fence?: (tx: Transaction) => void;
  /** The caller's rows and events, in the transaction that ends the run: written exactly once for an id, however often it is run. */
  readonly commit?: (tx: Transaction, execution: ToolExecution) => void | Promise<void>;
}

export const EXECUTION_STATUSES = ['running', 'succeeded', 'failed', 'refused', 'unknown'] as const;
/** `unknown`: the process died while it ran, and nobody can say whether it acted. */
export type ExecutionStatus = (typeof EXECUTION_STATUSES)[number];

/** The run of an agent was stopped from outside before it ended. Its step has no result. */
export class ToolAborted extends Error {
  constructor(reason: unknown) {
    super('The run was stopped before it ended.', { cause: reason });
    this.name = 'ToolAborted';
  }
}

/** A run that ended. */
export interface ToolExecution extends ToolResult {
  readonly executionId: string;
  readonly toolName: string;
  readonly status: Exclude<ExecutionStatus, 'running'>;
  /** What refused it. */
  readonly rule?: string;
  readonly durationMs: number;
}
