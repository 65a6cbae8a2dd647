import { includesRole } from '../../auth/roles.js';
import type { ToolCaller } from '../tool-caller.js';
import type { ToolRisk } from '../tool.js';

/** Exactly this call: the hash stands for the tool and its arguments. */
export interface PolicyCall {
  readonly toolName: string;
  /** Of this call, not the worst of its tool. */
  readonly risk: ToolRisk;
  readonly argumentsHash: string;
  readonly caller: ToolCaller;
}

export type PolicyDecision =
  | { readonly kind: 'allow' }
  | { readonly kind: 'refuse'; readonly rule: string; readonly reason: string }
  /** Somebody has to agree to the call that this hash stands for, and to no other. */
  | { readonly kind: 'needs_approval'; readonly argumentsHash: string; readonly reason: string };

const ALLOW: PolicyDecision = { kind: 'allow' };

/** What an agent may do without asking when its workflow names no tools. */
const UNASKED: readonly ToolRisk[] = ['read', 'write'];

/** Who may have which call run. How often is a matter of rates. */
export function decide(call: PolicyCall): PolicyDecision {
  const { caller, toolName, risk, argumentsHash } = call;
  if (caller.kind === 'person') {
    // Calling it is the approval.
    if (includesRole(caller.role, 'operator')) return ALLOW;
    return { kind: 'refuse', rule: 'role', reason: `The role ${caller.role} may not run tools.` };
  }
  const { tools, isReadOnly } = caller.allowance;
  if (tools !== undefined && !tools.includes(toolName)) {
    const reason = `This workflow may not use ${toolName}${tools.length === 0 ? '' : `, only ${tools.join(', ')}`}.`;
    return { kind: 'refuse', rule: 'not_in_allowance', reason };
  }
  const ask = (reason: string): PolicyDecision => ({ kind: 'needs_approval', argumentsHash, reason });
  if (isReadOnly && risk !== 'read') {
    return ask(`This workflow only reads; this call of ${toolName} has the risk ${risk} and needs approval.`);
  }
  if (tools === undefined && !UNASKED.includes(risk)) {
    return ask(`This call of ${toolName} has the risk ${risk}, which this workflow was not given; it needs approval.`);
  }
  return ALLOW;
}
