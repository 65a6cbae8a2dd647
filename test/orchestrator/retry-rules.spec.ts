import type { RecordedFunction, RecordedStep } from '../../src/durable/rewind.rules.js';
import { cutsOf, warningsLeft } from '../../src/orchestrator/workflows/retry.rules.js';

type Given = readonly [name: string, output?: unknown, childId?: string];

const fine = { value: { ok: true } };
const problem = { problem: { code: 'LLM_UPSTREAM' } };
const faulty = { value: { ok: false, code: 'LLM_TRUNCATED' } };

const steps = (given: readonly Given[]): RecordedStep[] =>
  given.map(([name, output, childId = null], step) => ({ step, name, output, childId, hasThrown: false }));
const fn = (id: string, given: readonly Given[], more: Partial<RecordedFunction> = {}): RecordedFunction => ({
  id,
  hasSucceeded: true,
  input: { thought: { thoughtId: `thought of ${id}` } },
  steps: steps(given),
  ...more,
});
const cuts = (functions: readonly RecordedFunction[], ...completed: string[]) =>
  Object.fromEntries(cutsOf(functions, new Set(completed.map((id) => `thought of ${id}`))));

it('cuts at the first step of what failed in the end', () => {
  expect(cuts([fn('top', [['begin'], ['direct', fine], ['end', null]])])).toEqual({});
  expect(cuts([fn('top', [['begin'], ['direct', problem], ['direct:failed'], ['end']])])).toEqual({ top: 1 });
  expect(cuts([fn('top', [['begin'], ['direct', faulty], ['end']])])).toEqual({ top: 1 });
  const turns: Given[] = [
    ['begin'],
    ['direct', { value: { calls: [] } }],
    ['direct:tool-1', problem],
    ['direct:2', problem],
  ];
  expect(cuts([fn('top', [...turns, ['direct:failed']])])).toEqual({ top: 3 });
  const unmet = { value: { unmet: ['Part 1'] } };
  expect(cuts([fn('top', [['synthesis', unmet], ['synthesis:failed'], ['end']])])).toEqual({ top: 0 });
});

it('leaves alone what was tried again and went well', () => {
  const repaired: Given[] = [
    ['plan', { value: { mistakes: ['no'] } }],
    ['plan:repair-1', { value: { kept: [] } }],
  ];
  expect(cuts([fn('top', [...repaired, ['direct', problem]])])).toEqual({ top: 2 });
  const recalled: Given[] = [
    ['plan', { value: { unmet: ['a summary'] } }],
    ['memory', problem],
    ['memory:failed'],
    ['memory:write'],
    ['plan:recalled', { value: { kept: null } }],
  ];
  expect(cuts([fn('top', [...recalled, ['synthesis', problem]])])).toEqual({ top: 5 });
  const byRules: Given[] = [['begin'], ['complexity', problem], ['complexity:failed'], ['decide', {}]];
  expect(
    cuts([fn('top', [...byRules, ['plan', { value: { kept: null } }], ['plan:write', []], ['synthesis', problem]])]),
  ).toEqual({ top: 6 });
});

it('cuts where a function that failed was started, and in it, and not in those with a result', () => {
  const top = fn('top', [
    ['begin'],
    ['branch', undefined, 'good'],
    ['branch', undefined, 'bad'],
    ['branch', undefined, 'tolerant'],
    ['DBOS.waitFirst', 'bad'],
    ['synthesis', { value: { outcome: { ok: true } } }],
    ['end'],
  ]);
  const family = [
    top,
    fn('good', [['subtask', fine]]),
    fn('bad', [['subtask', problem], ['subtask:failed']]),
    fn('tolerant', [['subtask', problem]]),
  ];
  expect(cuts(family, 'good', 'tolerant')).toEqual({ top: 2, bad: 0 });
});

it('goes on after its last step where a function died', () => {
  const died = fn('top', [['begin'], ['plan', { value: { kept: [] } }]], { hasSucceeded: false });
  expect(cuts([died])).toEqual({ top: 2 });
  expect(cuts([fn('top', [], { hasSucceeded: false })])).toEqual({ top: 0 });
});

it('has nothing to run again after the end of a workflow, though its function has not succeeded yet', () => {
  const ending = (...end: Given[]) => cuts([fn('top', [['begin'], ['direct', fine], ...end], { hasSucceeded: false })]);
  const held: Given = ['end', { isHeld: true }];
  expect(ending(['end', null])).toEqual({});
  expect(ending(held, ['held-1', { value: null }], ['end-2', { warnings: ['one'] }])).toEqual({});
  expect(ending(held)).toEqual({ top: 3 });
  const thrown = steps([['begin'], ['end']]).map((each) => ({ ...each, hasThrown: each.name === 'end' }));
  expect(cuts([fn('top', [], { steps: thrown, hasSucceeded: false })])).toEqual({ top: 1 });
});

it.each([
  ['a result of spawned parts', [['direct', { value: { calls: [] } }], ['direct:spawn'], ['direct:spawned']], 3],
  ['a recorded wait', [['branch', undefined, 'part'], ['DBOS.waitFirst']], 2],
  ['a council that was to meet', [['council:approach:convene']], 1],
  ['what a council decided', [['council:approach:view:critic', fine], ['council:approach:end']], 2],
  ['a review of the pace', [['council:review:view:engineer', fine], ['council:review:end']], 2],
  ['what memory was to keep', [['memory', fine], ['memory:write']], 2],
] as [string, Given[], number][])(
  'cuts at %s that threw, though what goes wrong there is passed over',
  (_, given, at) => {
    const thrown = steps([['begin'], ...given]).map((each) => ({ ...each, hasThrown: each.step === at }));
    expect(cuts([fn('top', [], { steps: thrown, hasSucceeded: false })])).toEqual({ top: at });
  },
);

it('asks again with all tries of an agent', () => {
  const inVain = { value: { inVain: { code: 'LLM_TRUNCATED' } } };
  expect(
    cuts([fn('top', [['begin'], ['direct', inVain], ['direct:try-2', inVain], ['direct:try-3', faulty]])]),
  ).toEqual({ top: 1 });
  expect(
    cuts([
      fn('top', [
        ['direct', inVain],
        ['direct:try-2', fine],
        ['quality:verdict', problem],
      ]),
    ]),
  ).toEqual({ top: 2 });
});

it('asks a council again from its first failure, and only one that decided nothing', () => {
  const spoke = { value: { role: 'critic', kept: null } };
  const council = (ok: boolean, more: Given[] = []): Given[] => [
    ...([['begin'], ['council:approach:convene', []], ['council:approach:view:critic', problem]] as Given[]),
    ...([['council:approach:view:analyst', spoke], ['council:approach:view:critic:failed'], ...more] as Given[]),
    ['council:approach:end', { ok }],
  ];
  expect(cuts([fn('top', council(false))])).toEqual({ top: 2 });
  expect(cuts([fn('top', [...council(true), ['plan:write', []], ['synthesis', problem]])])).toEqual({ top: 7 });
  const disagreed: Given[] = [
    ['council:approach:convene', []],
    ['council:approach:view:critic', spoke],
  ];
  expect(cuts([fn('top', [...disagreed, ['council:approach:end', { ok: false }]])])).toEqual({ top: 1 });
});

describe('subtasks that a function does one after the other', () => {
  const plan: Given = ['plan:write', ['a', 'b', 'c'].map((id) => ({ thoughtId: `thought of ${id}` }))];
  const failed: Given[] = [['subtask', problem], ['subtask:failed'], ['recovery-1', false]];

  it('fail each by itself', () => {
    const steps: Given[] = [plan, ...failed, ['pace-1', {}], ['subtask', fine], ['synthesis', fine]];
    expect(cuts([fn('top', steps)], 'b')).toEqual({ top: 1 });
    const later: Given[] = [plan, ['subtask', fine], ...failed, ['subtask', fine], ['synthesis', problem]];
    expect(cuts([fn('top', later)], 'a', 'c')).toEqual({ top: 2 });
    const turns: Given[] = [plan, ...failed, ['subtask', { value: { calls: [] } }], ['subtask:2', problem]];
    expect(cuts([fn('top', turns)])).toEqual({ top: 1 });
  });

  it('are left alone where they are settled, whatever failed on the way', () => {
    const voted: Given[] = [
      ['council:failed-a-1:view:engineer', problem],
      ['council:failed-a-1:end', { ok: true }],
      ['recovery-1:decided'],
    ];
    const again: Given[] = [...failed.slice(0, 2), ['recovery-1', true], ...voted, ['subtask-again-2', fine]];
    expect(cuts([fn('top', [plan, ...again, ...failed, ['synthesis', fine]])], 'a')).toEqual({ top: 8 });
    const settled: Given[] = [plan, ['subtask', { value: { unmet: [], settled: { interactionId: null } } }], ...failed];
    expect(cuts([fn('top', settled)], 'a')).toEqual({ top: 2 });
  });
});

it('leaves a plan alone that the run went on without', () => {
  const unusable: Given[] = [['begin'], ['plan', { value: { mistakes: ['no'] } }], ['plan:unusable']];
  expect(cuts([fn('top', [...unusable, ['direct', problem], ['direct:failed'], ['end']])])).toEqual({ top: 3 });
  const review: Given = ['human-review', { value: { status: 'expired' } }];
  expect(cuts([fn('top', [...unusable, ['direct', fine], review])])).toEqual({ top: 4 });
  expect(cuts([fn('top', [['begin'], ['plan', problem], ['plan:failed'], ['end']])])).toEqual({ top: 1 });
});

it('leaves a spawned part alone that its agent went on without', () => {
  const asking: Given[] = [
    ['direct', { value: { calls: [] } }],
    ['direct:spawn'],
    ['spawned-subtask', undefined, 'part'],
  ];
  const part = fn('part', [['subtask', problem], ['subtask:failed']]);
  const told: Given[] = [...asking, ['DBOS.waitFirst', 'part'], ['direct:spawned', []]];
  expect(cuts([fn('top', [...told, ['direct:2', fine], ['quality:verdict', problem]]), part])).toEqual({ top: 6 });
  expect(cuts([fn('top', [...told, ['direct:2', problem], ['direct:failed']]), part])).toEqual({ top: 2, part: 0 });
});

it('does not ask a council again whose review came to nothing', () => {
  const review: Given[] = [
    ['council:review:view:engineer', problem],
    ['council:review:end', { ok: false }],
  ];
  expect(cuts([fn('top', [...review, ['synthesis', problem]])])).toEqual({ top: 2 });
});

it('takes back the warnings of what is run again, as their row has them', () => {
  const ended = fn('top', [
    ['plan', { warnings: ['kept'] }],
    ['direct', problem],
    ['end', { warnings: ['half \uD83D'] }],
  ]);
  const row = ['accepted', 'kept', 'half \uFFFD'];
  expect(warningsLeft(row, [ended], new Map([['top', 1]]))).toEqual(['accepted', 'kept']);
});

it('looks at each step a few times, however many councils decided nothing', () => {
  let looks = 0;
  const counted = (index: number, piece: string, output: unknown): RecordedStep => ({
    ...{ step: index, output, childId: null, hasThrown: false },
    get name() {
      looks += 1;
      return `council:failed-${Math.floor(index / 2)}-1:${piece}`;
    },
  });
  const asked = Array.from({ length: 2000 }, (_, index) =>
    index % 2 === 0 ? counted(index, 'view:engineer', problem) : counted(index, 'end', { ok: false }),
  );
  expect(cuts([fn('top', [], { steps: asked })])).toEqual({ top: 0 });
  expect(looks).toBeLessThan(asked.length * 20);
});

it('keeps the warnings of steps that do not run again, of the same words the first', () => {
  const warned = (...warnings: string[]) => ({ warnings });
  const top = fn('top', [
    ['pace-1', warned('Slow.')],
    ['subtask:failed', warned('A part failed.', 'Slow.')],
  ]);
  const written = ['Slow.', 'Another.', 'A part failed.', 'Slow.', 'Late.'];
  expect(warningsLeft(written, [top], new Map([['top', 1]]))).toEqual(['Slow.', 'Another.', 'Late.']);
  expect(warningsLeft(written, [top], new Map())).toEqual(written);
});
