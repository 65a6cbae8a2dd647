import type { Role } from '../auth/roles.js';

/** Which tools a workflow may use without asking anyone. */
export interface ToolAllowance {
  /** By name; undefined: those that only read or write the workspace. */
  readonly tools: readonly string[] | undefined;
  /** Nothing but reading, whatever `tools` says: the profile of autonomous work. */
  readonly isReadOnly: boolean;
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
    };
