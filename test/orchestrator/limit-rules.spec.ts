import { Decimal } from 'decimal.js';
import { Problem } from '../../src/http/problem.js';
import { agentsAtOnce, budgetShare, maxDepthOf, sharesAnew } from '../../src/orchestrator/planning/run-limits.rules.js';
import {
  failureOfProblem,
  unfinished,
  withLimitNamed,
  withNothingDone,
  withWorkBegun,
  type Failure,
  type SubtaskEnd,
} from '../../src/orchestrator/run/unfinished.rules.js';

const end = (title: string, code: string | null, reason: string | null = null): SubtaskEnd => ({
  title,
  status: code === null ? 'completed' : 'failed',
  reason,
  code,
  isDispensable: false,
  isNeeded: false,
});

function failureOf(subtasks: readonly SubtaskEnd[]): Failure | undefined {
  const left = unfinished(subtasks, 'medium');
  return left !== undefined && 'failure' in left ? left.failure : undefined;
}

describe('the limits of a run', () => {
  it.each([
    ['conservative', 20, 5],
    ['balanced', 20, 10],
    ['aggressive', 20, 20],
    ['conservative', 4, 2],
    ['balanced', 6, 6],
    ['balanced', 12, 8],
    ['conservative', 1, 1],
  ] as const)('%s of %i agents is %i at once', (parallelization, maxConcurrentAgents, expected) => {
    expect(agentsAtOnce({ maxConcurrentAgents, parallelization })).toBe(expected);
  });

  it('take the depth that is asked for, else the usual one, and never more than the system allows', () => {
    expect(maxDepthOf({}, 10)).toBe(4);
    expect(maxDepthOf({ maxRecursionDepth: 8 }, 10)).toBe(8);
    expect(maxDepthOf({ maxRecursionDepth: 30 }, 10)).toBe(10);
    expect(maxDepthOf({}, 2)).toBe(2);
  });

  it('give a sub-orchestrator its part of what is left, and never too little for one call while there is more', () => {
    const share = (left: string, plain: number, decomposed: number): string | undefined =>
      budgetShare(new Decimal(left), { plain, decomposed })?.toFixed();
    expect(share('7', 0, 2)).toBe('3');
    expect(share('10', 6, 1)).toBe('3');
    expect(share('1', 0, 1)).toBe('0.75');
    expect(share('1', 7, 1)).toBe('0.5');
    expect(share('0.2', 7, 1)).toBe('0.2');
    expect(share('0', 0, 1)).toBe('0');
    expect(budgetShare(undefined, { plain: 1, decomposed: 1 })).toBeUndefined();
  });

  it('give those that work again a part of what their parents have then, and of a limit that an admin set', () => {
    const active = (id: string, parentId: string | undefined, leftUsd: string | undefined, keepsLimit = false) => ({
      ...{ id, parentId, keepsLimit, subtasks: { plain: 0, decomposed: 2 } },
      leftUsd: leftUsd === undefined ? undefined : new Decimal(leftUsd),
    });
    const shares = (topUsd: string | undefined, keepsLimit: boolean) =>
      [...sharesAnew([active('a', undefined, topUsd), active('b', 'a', '14', keepsLimit), active('c', 'b', '0')])].map(
        ([id, usd]) => [id, usd?.toFixed()],
      );
    expect(shares('49', false)).toEqual([
      ['b', '21'],
      ['c', '9'],
    ]);
    expect(shares('49', true)).toEqual([
      ['b', '21'],
      ['c', '6'],
    ]);
    expect(shares(undefined, false)).toEqual([
      ['b', undefined],
      ['c', undefined],
    ]);
  });
});

describe('the failure of a run with a limit', () => {
  it('says which limit, what is done and what is left', () => {
    expect(
      failureOf([
        end('A', null),
        end('B', 'DEPENDENCY_FAILED', 'no result of: C'),
        end('C', 'BUDGET_EXCEEDED', 'The budget workflow has 0 USD left.'),
      ]),
    ).toEqual({
      code: 'BUDGET_EXCEEDED',
      message:
        'The cost limit was hit. 2 of 3 subtasks have no result (B, C). Done: A. The budget workflow has 0 USD left.',
    });
  });

  it('names the limit wherever it stands among what failed', () => {
    const { code, message } =
      failureOf([end('A', 'FAILURE_NOT_TOLERATED', 'Not begun.'), end('B', 'AGENT_LIMIT', 'It had 25 turns.')]) ?? {};
    expect(code).toBe('AGENT_LIMIT');
    expect(message).toBe('The agent limit was hit. 2 of 2 subtasks have no result (A, B). It had 25 turns.');
  });

  it('says of an only agent that had begun that what it said is kept', () => {
    const failure = withLimitNamed(withWorkBegun({ code: 'AGENT_LIMIT', message: 'It had 25 turns.' }));
    expect(failure.message).toBe(
      'The agent limit was hit. Done: what its agent said last. The rest of the task is left. It had 25 turns.',
    );
    expect(withWorkBegun({ code: 'LLM_UPSTREAM', message: 'no' }).message).toBe('no');
  });

  it('names no limit where none was hit, and is none when all is done', () => {
    expect(failureOf([end('A', null)])).toBeUndefined();
    expect(failureOf([end('A', 'LLM_UPSTREAM', 'no')])).toEqual({
      code: 'LLM_UPSTREAM',
      message: '1 of 1 subtasks have no result (A). no',
    });
    expect(failureOf([{ ...end('A', null), status: 'in_progress' }])).toEqual({
      code: 'SUBTASKS_UNFINISHED',
      message: '1 of 1 subtasks have no result (A).',
    });
  });

  it('keeps its message short however many and long the titles are', () => {
    const many = Array.from({ length: 400 }, (_, index) => end(`${index} ${'x'.repeat(5_000)}`, 'TIME_LIMIT'));
    const { message = '' } = failureOf(many) ?? {};
    expect(message.length).toBeLessThanOrEqual(2_000);
    expect(message).toContain('The time limit was hit. 400 of 400');
    expect(message).toContain('395 more');
  });

  it('tells the share of a sub-orchestrator from the budget of the workflow', () => {
    const problem = (key: string): Problem =>
      new Problem('BUDGET_EXCEEDED', 'Too dear.', { extensions: { scope: 'workflow', scope_key: key } });
    expect(failureOfProblem(problem('w'), 'w').message).toBe('Too dear.');
    expect(failureOfProblem(problem('s'), 'w').message).toContain('the share of a sub-orchestrator');
  });

  it('is named once, also of what made no plan', () => {
    const failure = { code: 'TIME_LIMIT', message: 'Over.' };
    expect(withLimitNamed(failure).message).toBe('The time limit was hit. Over.');
    expect(withLimitNamed(withLimitNamed(failure))).toEqual(withLimitNamed(failure));
    expect(withLimitNamed(withNothingDone(failure)).message).toBe(
      'The time limit was hit before anything was done, all of the task is left. Over.',
    );
    expect(withNothingDone({ code: 'LLM_UPSTREAM', message: 'no' }).message).toBe('no');
  });
});
