import fc from 'fast-check';
import { decide, type PolicyDecision } from '../../src/tools/policy/policy.rules.js';
import { rateRefusal } from '../../src/tools/policy/rates.rules.js';
import type { ToolAllowance, ToolCaller } from '../../src/tools/tool-caller.js';
import { TOOL_RISKS, type ToolRisk } from '../../src/tools/tool.js';

const agent = (allowance: ToolAllowance): ToolCaller => ({
  kind: 'agent',
  principalId: 'p',
  workflowId: 'w',
  agentId: 'a',
  thoughtId: 't',
  allowance,
});
const answer = (caller: ToolCaller, risk: ToolRisk): string => {
  const decision: PolicyDecision = decide({ toolName: 'it', risk, argumentsHash: 'hash', caller });
  return decision.kind === 'refuse' ? decision.rule : decision.kind;
};
const answers = (caller: ToolCaller): string[] => TOOL_RISKS.map((risk) => answer(caller, risk));

describe('the policy', () => {
  it.each([
    ['viewer', ['role', 'role', 'role', 'role']],
    ['operator', ['allow', 'allow', 'allow', 'allow']],
    ['admin', ['allow', 'allow', 'allow', 'allow']],
  ] as const)('lets a person in the role %s do %j', (role, expected) => {
    expect(answers({ kind: 'person', principalId: 'p', role })).toEqual(expected);
  });

  it('keeps a tool for those who name it from an agent that only guesses its name, and lets people call it', () => {
    const call = { toolName: 'it', risk: 'read', argumentsHash: 'hash', isForThoseWhoNameIt: true } as const;
    const isReadOnly = false;
    const refused = { kind: 'refuse', rule: 'not_in_allowance' };
    expect(decide({ ...call, caller: agent({ tools: undefined, isReadOnly }) })).toMatchObject(refused);
    expect(decide({ ...call, caller: agent({ tools: ['it'], isReadOnly }) })).toEqual({ kind: 'allow' });
    expect(decide({ ...call, caller: { kind: 'person', principalId: 'p', role: 'operator' } }).kind).toBe('allow');
  });

  // In the order read, write, network, execute.
  it.each([
    [undefined, false, ['allow', 'allow', 'needs_approval', 'needs_approval']],
    [undefined, true, ['allow', 'needs_approval', 'needs_approval', 'needs_approval']],
    [['it'], false, ['allow', 'allow', 'allow', 'allow']],
    [['it'], true, ['allow', 'needs_approval', 'needs_approval', 'needs_approval']],
    [['other'], false, Array<string>(4).fill('not_in_allowance')],
    [['IT', ' it'], false, Array<string>(4).fill('not_in_allowance')],
    [[], true, Array<string>(4).fill('not_in_allowance')],
  ])('lets an agent with the tools %j, only reading: %s', (tools, isReadOnly, expected) => {
    expect(answers(agent({ tools, isReadOnly }))).toEqual(expected);
  });

  it('asks for approval of exactly this call', () => {
    const decision = decide({
      toolName: 'it',
      risk: 'execute',
      argumentsHash: 'the hash',
      caller: agent({ tools: undefined, isReadOnly: false }),
    });
    expect(decision).toMatchObject({ kind: 'needs_approval', argumentsHash: 'the hash' });
  });

  it.each([
    ['hash', 'approved', 'allow'],
    ['another', 'approved', 'needs_approval'],
    ['hash', 'rejected', 'approval_rejected'],
    ['hash', 'expired', 'approval_expired'],
  ] as const)('what people said of the call %s (%s) makes it %s', (argumentsHash, status, expected) => {
    const caller = agent({ tools: undefined, isReadOnly: false });
    expect(answer({ ...caller, approval: { argumentsHash, status } } as ToolCaller, 'execute')).toBe(expected);
  });

  it('an approval gives no tool that the workflow was not given', () => {
    const approval = { argumentsHash: 'hash', status: 'approved' };
    const caller = { ...agent({ tools: ['other'], isReadOnly: false }), approval } as ToolCaller;
    expect(answers(caller)).toEqual(Array<string>(4).fill('not_in_allowance'));
  });

  it('asks for what is risky, although it was named, where a person wants to look', () => {
    const allowance = { tools: ['it'], isReadOnly: false, asksForRisks: true };
    expect(answers(agent(allowance))).toEqual(['allow', 'allow', 'needs_approval', 'needs_approval']);
  });
});

describe('the rates', () => {
  it('let a call through exactly while there is a place, and say when the next is free', () => {
    fc.assert(
      fc.property(
        fc.record({
          inWindow: fc.nat(20),
          ofWorkflow: fc.option(fc.nat(20), { nil: undefined }),
          perMinute: fc.nat(20),
          perWorkflow: fc.integer({ min: 1, max: 20 }),
          oldest: fc.double({ min: 0, max: 60, noNaN: true }),
        }),
        ({ inWindow, ofWorkflow, perMinute, perWorkflow, oldest }) => {
          const counts = { inWindow, ofWorkflow, oldestSeconds: inWindow === 0 ? undefined : oldest };
          const refusal = rateRefusal('it', counts, { perMinute, perWorkflow });
          const isOver = ofWorkflow !== undefined && ofWorkflow >= perWorkflow;
          const isBusy = perMinute > 0 && inWindow >= perMinute;
          expect(refusal?.rule).toBe(isOver ? 'workflow_limit' : isBusy ? 'rate_limited' : undefined);
          if (refusal?.rule === 'rate_limited') {
            expect(refusal.retryAfterSeconds).toBeGreaterThanOrEqual(1);
            expect(refusal.retryAfterSeconds).toBeLessThanOrEqual(60);
          }
        },
      ),
    );
  });
});
