import type { Role } from '../auth/roles.js';

/** Which tools a workflow may use without asking anyone. */
export interface ToolAllowance {
  /** By name; undefined: those that only read or write the workspace. */
  readonly tools: readonly string[] | undefined;
  /** Nothing but reading, whatever `tools` says: the profile of autonomous work under `safety_enabled`. */
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
