import { includesRole } from '../../auth/roles.js';
import type { CallApproval, ToolCaller } from '../tool-caller.js';
import type { ToolRisk } from '../tool.js';

/** Exactly this call: the hash stands for the tool and its arguments. */
export interface PolicyCall {
  readonly toolName: string;
  /** Of this call, not the worst of its tool. */
  readonly risk: ToolRisk;
  readonly argumentsHash: string;
  readonly caller: ToolCaller;
  /** Not a tool that agents simply have: who was not told of it does not get it by guessing its name. Default: no. */
  readonly isForThoseWhoNameIt?: boolean;
}

export type PolicyDecision =
  | { readonly kind: 'allow' }
  | { readonly kind: 'refuse'; readonly rule: string; readonly reason: string }
  /** Somebody has to agree to the call that this hash stands for, and to no other. */
  | { readonly kind: 'needs_approval'; readonly argumentsHash: string; readonly reason: string };

const ALLOW: PolicyDecision = { kind: 'allow' };

/** What an agent may do without asking when its workflow names no tools. */
const UNASKED: readonly ToolRisk[] = ['read', 'write'];

/** What a workflow has to ask for that wants people to look, although it names the tool. */
const RISKY: readonly ToolRisk[] = ['network', 'execute'];

/** Who may have which call run. How often is a matter of rates. */
export function decide(call: PolicyCall): PolicyDecision {
  const { caller, toolName, risk, argumentsHash, isForThoseWhoNameIt = false } = call;
  if (caller.kind === 'person') {
    // Calling it is the approval.
    if (includesRole(caller.role, 'operator')) return ALLOW;
    return { kind: 'refuse', rule: 'role', reason: `The role ${caller.role} may not run tools.` };
  }
  const { allowance, approval } = caller;
  const { tools, isReadOnly, asksForRisks = false } = allowance;
  if (tools !== undefined && !tools.includes(toolName)) {
    const reason = `This workflow may not use ${toolName}${tools.length === 0 ? '' : `, only ${tools.join(', ')}`}.`;
    return { kind: 'refuse', rule: 'not_in_allowance', reason };
  }
  if (tools === undefined && isForThoseWhoNameIt) {
    return {
      kind: 'refuse',
      rule: 'not_in_allowance',
      reason: `This workflow may not use ${toolName}: it does not name it.`,
    };
  }
  const ask = (reason: string): PolicyDecision => {
    if (approval?.argumentsHash !== argumentsHash) return { kind: 'needs_approval', argumentsHash, reason };
    return approval.status === 'approved' ? ALLOW : { kind: 'refuse', ...answerOf(approval, toolName) };
  };
  if (isReadOnly && risk !== 'read') {
    return ask(`This workflow only reads; this call of ${toolName} has the risk ${risk} and needs approval.`);
  }
  if (tools === undefined && !UNASKED.includes(risk)) {
    return ask(`This call of ${toolName} has the risk ${risk}, which this workflow was not given; it needs approval.`);
  }
  if (asksForRisks && RISKY.includes(risk)) {
    return ask(
      `This call of ${toolName} has the risk ${risk}, and this workflow wants a person to look at such calls.`,
    );
  }
  return ALLOW;
}

function answerOf({ status, comment }: CallApproval, toolName: string): { rule: string; reason: string } {
  if (status === 'expired') {
    return { rule: 'approval_expired', reason: `Nobody approved this call of ${toolName} in time.` };
  }
  const why = comment === undefined ? '' : ` and says: ${comment}`;
  return { rule: 'approval_rejected', reason: `A person rejected this call of ${toolName}${why}` };
}
