import fc from 'fast-check';
import type { components } from '../../clients/typescript/src/index.js';
import { firstLines } from '../../src/cli/demo/answer.rules.js';
import { hasMoved, progressLine, type Progress } from '../../src/cli/demo/progress.rules.js';
import { inOneLine, inUsd, plainText, shortened, styleOf, WIDTH, wrapped } from '../../src/cli/demo/terminal.rules.js';
import { treeLines } from '../../src/cli/demo/tree.rules.js';

type TreeNode = components['schemas']['TreeNode'];

const widthOf = (line: string): number => Array.from(line).length;

const progress = (changes: Partial<Progress> = {}): Progress => ({
  status: 'in_progress',
  phase: 'executing',
  progress_percentage: 53.4,
  agents: { active: 2, completed: 3, failed: 0 },
  cost_usd: 0.0012,
  elapsed_ms: 1840,
  ...changes,
});

const thought = (id: string, changes: Record<string, unknown> = {}): TreeNode =>
  ({
    id,
    goal: `Goal of ${id}`,
    status: 'completed',
    agents: [],
    llm_interactions: [],
    children: [],
    ...changes,
  }) as never;

const agent = (id: string, purpose: string, status = 'completed'): object => ({
  id,
  status,
  agent_class: 'technical_writing',
  context: { purpose },
});

const call = (agentId: string, usd: number | null): object => ({
  agent_id: agentId,
  latency_ms: usd === null ? null : 1200,
  token_count_input: usd === null ? null : 300,
  token_count_output: usd === null ? null : 100,
  cost_usd: usd,
});

describe('text', () => {
  it('never gets wider than the terminal, and loses no word', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), fc.integer({ min: 3, max: 80 }), (text, width) => {
        const lines = wrapped(text, '  ', width);
        expect(lines.every((line) => widthOf(line) <= width)).toBe(true);
        expect(lines.join('').replaceAll(/\s/g, '')).toBe(plainText(text).replaceAll(/\s/g, ''));
        expect(widthOf(shortened(text, width))).toBeLessThanOrEqual(width);
      }),
    );
  });

  it('is one character a line where there is no room at all', () => {
    expect(wrapped('ab', '  ', 2)).toEqual(['  a', '  b']);
  });

  it('carries no control characters of a model to the terminal', () => {
    expect(plainText('a\u001b[2Jb\u0007\tc\r\nd\u0000')).toBe('a[2Jb  c\nd');
    expect(inOneLine(' a\n  b\u001b ')).toBe('a b');
  });

  it('is only coloured where colours are wanted', () => {
    expect(styleOf(false).bold('text')).toBe('text');
    expect(styleOf(true).dim('text')).toBe('\u001b[2mtext\u001b[0m');
  });

  it('shows money without zeros that say nothing', () => {
    expect([0, 0.5, 0.001234, 0.0000001, 12].map(inUsd)).toEqual([
      '0 USD',
      '0.5 USD',
      '0.001234 USD',
      'under 0.000001 USD',
      '12 USD',
    ]);
  });

  it('ends after the first lines and says how many are left', () => {
    const text = Array.from({ length: 20 }, (_, index) => `line ${index}`).join('\n');
    expect(firstLines(text, 3)).toEqual(['  line 0', '  line 1', '  line 2', '  … and 17 more lines']);
    expect(firstLines('one\ntwo', 1)).toEqual(['  one', '  two']);
  });
});

describe('progress', () => {
  it('is one line with phase, share, agents and cost', () => {
    expect(progressLine(progress())).toBe(
      '  1.8 s  executing    53 %  #######.......  2 working, 3 done    0.0012 USD',
    );
    expect(progressLine(progress({ status: 'pending', phase: 'analysis' }))).toContain('waiting');
    expect(progressLine(progress({ agents: { active: 1, completed: 2, failed: 1 } }))).toContain('1 failed');
  });

  it('fits into the width, whatever the numbers', () => {
    const counts = { active: 1000, completed: 1000, failed: 1000 };
    expect(widthOf(progressLine(progress({ agents: counts, cost_usd: 1234.567_891 }), 60))).toBe(60);
  });

  it('is worth a new line when a phase or an agent changed', () => {
    expect(hasMoved(undefined, progress())).toBe(true);
    expect(hasMoved(progress(), progress({ elapsed_ms: 5000, progress_percentage: 60 }))).toBe(false);
    expect(hasMoved(progress(), progress({ agents: { active: 1, completed: 4, failed: 0 } }))).toBe(true);
    expect(hasMoved(progress(), progress({ phase: 'finalizing' }))).toBe(true);
  });
});

describe('the tree', () => {
  const tree = thought('root', {
    goal: 'Compare\n  three databases '.repeat(9),
    agents: [agent('a1', 'plan'), agent('a4', 'synthesis')],
    llm_interactions: [call('a1', 0.001), call('a1', 0.002), call('a4', 0.0005)],
    children: [
      thought('one', { agents: [agent('a2', 'subtask')], llm_interactions: [call('a2', 0.0001)] }),
      thought('two', {
        status: 'failed',
        agents: [agent('a3', 'subtask', 'failed')],
        llm_interactions: [call('a3', null)],
      }),
      thought('three', { status: 'cancelled', goal: 'Not begun' }),
    ],
  });

  it('shows thoughts, their agents, and what each took', () => {
    expect(
      treeLines(tree)
        .slice(1)
        .map((line) => line.trimEnd()),
    ).toEqual([
      expect.stringMatching(/^✓ Compare three databases Compare.*…$/) as string,
      '├─ ✓ planner                               2,400 ms         600/200    0.003000',
      '├─ ✓ Goal of one',
      '│  └─ ✓ agent: technical writing           1,200 ms         300/100    0.000100',
      '├─ ✗ Goal of two',
      '│  └─ ✗ agent: technical writing               0 ms             0/0    0.000000',
      '├─ - Not begun',
      '└─ ✓ synthesiser                           1,200 ms         300/100    0.000500',
      'Total of 4 agents                          4,800 ms       1,200/400    0.003600',
    ]);
  });

  it.each([24, 39, 60, WIDTH])('keeps to %d columns', (width) => {
    expect(treeLines(tree, width).filter((line) => widthOf(line) > width)).toEqual([]);
  });

  it('leaves columns out where there is no room for them', () => {
    expect(treeLines(tree, 39).slice(1, 3)).toEqual([
      '✓ Compare three databases Compare thre…',
      '├─ ✓ planner                   2,400 ms',
    ]);
  });
});
