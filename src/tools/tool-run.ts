import type { Transaction } from '../database/sql.js';
import type { Role } from '../auth/roles.js';
import type { ToolResult } from './tool.js';

/** Which tools a workflow may use without asking anyone. */
export interface ToolAllowance {
  /** By name; undefined: those that only read or write the workspace. */
  readonly tools: readonly string[] | undefined;
  /** Nothing but reading, whatever `tools` says: the profile of autonomous work. */
  readonly isReadOnly: boolean;
  /** Calls that run programs or use the network ask, although `tools` names their tool. */
  readonly asksForRisks?: boolean;
}

/** What somebody said about exactly one call. */
export interface CallApproval {
  readonly argumentsHash: string;
  readonly status: 'approved' | 'rejected' | 'expired';
  readonly comment?: string;
}

/** Who asks. */
export type ToolCaller =
  | { readonly kind: 'person'; readonly principalId: string; readonly role: Role }
  | {
      readonly kind: 'agent';
      readonly principalId: string;
      readonly workflowId: string;
      readonly agentId: string;
      readonly thoughtId: string;
      readonly allowance: ToolAllowance;
      /** Holds for the call with its hash and for no other. */
      readonly approval?: CallApproval;
    };

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
   * Throws when this process may no longer write for the workflow. Runs first in every transaction of the run, but for the one that,
   * after it threw, still keeps what the tool did.
   */
  readonly fence?: (tx: Transaction) => Promise<void>;
  /** The caller's rows and events, in the transaction that ends the run: written exactly once for an id, however often it is run. */
  readonly commit?: (tx: Transaction, execution: ToolExecution) => Promise<void>;
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
