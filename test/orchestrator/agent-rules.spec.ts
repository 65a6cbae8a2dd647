import { readMember, readTag, charactersOf } from '../../src/llm/confidence.rules.js';
import { isEnd, mayBecome, statusesBefore } from '../../src/orchestrator/agents/agent-status.rules.js';
import { AGENT_STATUSES } from '../../src/orchestrator/agents/agent.values.js';
import { TASK_KINDS } from '../../src/orchestrator/planning/plan.rules.js';
import { formMistake, kindOf } from '../../src/orchestrator/planning/task-kinds.rules.js';
import { failedCall, pauseBeforeTryMs, triesOf, WORK_MS } from '../../src/orchestrator/run/agent-attempts.rules.js';
import { answerTimeoutMs, hasTimeToTryAgain, workMsOf } from '../../src/orchestrator/run/agent-time.rules.js';
import type { PastTurn } from '../../src/orchestrator/run/agent-turn.js';
import { fingerprint, loopIn } from '../../src/orchestrator/run/loop-guard.rules.js';
import { Problem, type ErrorCode } from '../../src/http/problem.js';

describe('the status of an agent', () => {
  it('goes from spawned to an end, which stays what it is', () => {
    expect(AGENT_STATUSES.filter(isEnd)).toEqual(['completed', 'failed', 'terminated']);
    for (const end of AGENT_STATUSES.filter(isEnd))
      expect(AGENT_STATUSES.filter((to) => mayBecome(end, to))).toEqual([]);
    expect(statusesBefore('terminated')).toEqual(['spawned', 'active', 'waiting', 'coordinating']);
    expect(statusesBefore('completed')).toEqual(['active']);
    expect(statusesBefore('active')).toEqual(['spawned', 'waiting', 'coordinating']);
    expect(statusesBefore('spawned')).toEqual([]);
  });
});

describe('confidence', () => {
  it.each([
    ['Done.\n<confidence>0.85</confidence>', 'Done.', 0.85],
    ['Done.\n\n<confidence>1</confidence>\n ', 'Done.', 1],
    ['Done.\n<confidence> .5 </confidence>', 'Done.', 0.5],
    ['Done.\n<confidence>high</confidence>', 'Done.', undefined],
    ['Done.\n<confidence>1.5</confidence>', 'Done.', undefined],
    ['Done.\n<confidence>-0</confidence>', 'Done.', undefined],
    ['<confidence>0</confidence>', '', 0],
    ['Done. <confidence>0.85</confidence>', 'Done. <confidence>0.85</confidence>', undefined],
    ['<confidence>0.85</confidence>\nDone.', '<confidence>0.85</confidence>\nDone.', undefined],
    ['Done.\n<confidence>0.8', 'Done.\n<confidence>0.8', undefined],
    ['', '', undefined],
  ])('of %j', (text, content, confidence) => {
    expect(readTag(text)).toEqual({ content, ...(confidence !== undefined && { confidence }) });
  });

  it('is a number of 0..1 in a structured output', () => {
    expect([{ confidence: 0.3 }, { confidence: 2 }, { confidence: '1' }, {}, null, 1].map(readMember)).toEqual([
      0.3,
      ...Array<undefined>(5).fill(undefined),
    ]);
  });

  it('leaves a content that is counted in characters, not in units', () => {
    expect(['', 'abc', 'ä😀b', '😀😀'].map(charactersOf)).toEqual([0, 3, 3, 2]);
  });
});

describe('the tries of an agent', () => {
  it('are three of a task agent and two of the others', () => {
    expect([triesOf(), triesOf('task'), triesOf('council'), triesOf('validator'), triesOf('memory')]).toEqual([
      3, 3, 2, 2, 2,
    ]);
  });

  const failing = (code: ErrorCode, extensions: Record<string, unknown> = {}, retryAfterSeconds?: number) =>
    failedCall(new Problem(code, 'It failed.', { extensions, retryAfterSeconds }));

  it('are for providers that are away, not for what stays as it is', () => {
    expect(failing('LLM_UPSTREAM', { upstream_status: 500 })).toBeDefined();
    expect(failing('LLM_UNAVAILABLE', { upstream_status: 429 })).toBeDefined();
    expect(failing('LLM_UNAVAILABLE', { circuit_breaker_open: true })).toBeDefined();
    expect(failing('LLM_UPSTREAM', { upstream_status: 401 })).toBeUndefined();
    expect(failing('LLM_UNAVAILABLE', { upstream_error_code: 'enforced_spend_limit_reached' })).toBeUndefined();
    for (const code of ['BUDGET_EXCEEDED', 'UNKNOWN_MODEL', 'VALIDATION_ERROR', 'MODEL_UNPRICED'] as const)
      expect(failing(code)).toBeUndefined();
  });

  it('wait longer each time, and until an open breaker lets a probe through', () => {
    const away = { code: 'LLM_UPSTREAM', message: 'x' };
    const vain = { ...away, answer: { interactionId: 'i', costUsd: '0', inputTokens: 1, outputTokens: 1, retries: 0 } };
    expect([[], [vain], [vain, vain], [away], [away, away]].map(pauseBeforeTryMs)).toEqual([0, 250, 500, 1000, 2000]);
    expect(pauseBeforeTryMs([{ ...away, retryAfterSeconds: 300 }])).toBe(300_000);
    expect(pauseBeforeTryMs([{ ...away, retryAfterSeconds: 1e9 }])).toBe(900_000);
  });

  it('have the time of their type, less what is used, and always time to answer', () => {
    expect([answerTimeoutMs(), answerTimeoutMs('council'), answerTimeoutMs('validator')]).toEqual([
      300_000, 600_000, 180_000,
    ]);
    expect([answerTimeoutMs('memory', 40_000), answerTimeoutMs('task', 299_999)]).toEqual([200_000, 60_000]);
  });

  it('take of that time what they worked and their backoff, not what others asked to wait', () => {
    const away = { code: 'LLM_UNAVAILABLE', message: 'x' };
    expect(workMsOf([], [{ ...away, workMs: 100_000 }])).toBe(101_000);
    expect(workMsOf([], [{ ...away, workMs: 100_000 }, away])).toBe(103_000);
    expect(workMsOf([], [{ ...away, retryAfterSeconds: 300, workMs: 5 }])).toBe(1_005);
    const took = new Problem('LLM_UPSTREAM', 'No.', { extensions: { upstream_status: 500, [WORK_MS]: 70_000 } });
    expect(failedCall(took)?.workMs).toBe(70_000);
    const retries = { interactionId: 'i', costUsd: '0', inputTokens: 1, outputTokens: 1, retries: 0 };
    expect(workMsOf([], [{ code: 'LLM_TRUNCATED', message: 'x', workMs: 9, answer: retries }])).toBe(259);
  });

  it('are begun only while there is a minute left', () => {
    expect([hasTimeToTryAgain(), hasTimeToTryAgain('task', 240_000), hasTimeToTryAgain('task', 240_001)]).toEqual([
      ...[true, true, false],
    ]);
    expect([hasTimeToTryAgain('validator', 120_001), hasTimeToTryAgain('council', 540_000)]).toEqual([false, true]);
  });
});

describe('a loop', () => {
  const turn = (call: string, result: string, status: 'succeeded' | 'failed' = 'succeeded'): PastTurn => ({
    ...{ interactionId: 'i', offered: [], costUsd: '0', retries: 0, inputTokens: 1, outputTokens: 1, workMs: 1 },
    calls: [{ isRead: true, callPrint: call }],
    outcomes: [{ executionId: 'e', status, workMs: 1, resultPrint: result }],
  });

  it('is the same call with the same result three times', () => {
    expect(loopIn([turn('a', '1'), turn('b', '1'), turn('a', '1')])).toBeUndefined();
    expect(loopIn([turn('a', '1'), turn('a', '2'), turn('a', '3')])).toBeUndefined();
    expect(loopIn([turn('a', '1'), turn('b', '1'), turn('a', '1'), turn('a', '1')])).toContain('3 times');
  });

  it('is five turns in which only failures or repetitions came', () => {
    const vain = ['v', 'w', 'x', 'y'].map((call) => turn(call, '1', 'failed'));
    expect(loopIn([turn('a', '1'), ...vain])).toBeUndefined();
    expect(loopIn([turn('a', '1'), ...vain, turn('a', '1')])).toContain('nothing new');
    expect(loopIn([...vain, turn('b', '1'), ...vain])).toBeUndefined();
    const refusedCall = { ...turn('z', '1'), outcomes: [{ error: 'No.' }] };
    expect(loopIn([...vain, refusedCall])).toContain('nothing new');
  });

  it('is told by a fingerprint that is small and differs', () => {
    expect(fingerprint('notes', { a: 1 })).toHaveLength(16);
    expect(fingerprint('notes', { a: 1 })).not.toBe(fingerprint('notes', { a: 2 }));
  });
});

describe('the kinds of tasks', () => {
  it('have a guidance each, no two the same', () => {
    expect(new Set(TASK_KINDS.map((kind) => kindOf(kind).guidance)).size).toBe(TASK_KINDS.length);
  });

  it('say whose answer has to be JSON', () => {
    expect(TASK_KINDS.filter((kind) => kindOf(kind).output === 'json')).toEqual([
      'data_analysis',
      'structured_extraction',
    ]);
    expect(formMistake('data_analysis', '{"a": 1}')).toBeUndefined();
    expect(formMistake('data_analysis', 'Well: {"a": 1}')).toContain('not JSON');
    expect(formMistake('creative_writing', 'Well.')).toBeUndefined();
    expect(formMistake('constructor', 'Well.')).toBeUndefined();
  });
});
