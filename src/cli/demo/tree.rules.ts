import type { components } from '../../../clients/typescript/src/index.js';
import { counted, inOneLine, shortened } from './terminal.rules.js';

type TreeNode = components['schemas']['TreeNode'];
type TreeInteraction = components['schemas']['TreeInteraction'];

const LABEL_WIDTH = 42;
const COLUMN_WIDTHS = [9, 16, 12] as const;
const MARKS: Readonly<Record<string, string>> = { completed: '✓', failed: '✗', cancelled: '-' };
const AGENTS: Readonly<Record<string, string>> = { plan: 'planner', direct: 'agent', synthesis: 'synthesiser' };

interface Bill {
  readonly milliseconds: number;
  readonly input: number;
  readonly output: number;
  readonly usd: number;
}

/** One line of the tree: an agent, or a thought with what is under it. */
interface Branch {
  readonly label: string;
  readonly bill: Bill | undefined;
  readonly branches: readonly Branch[];
}

/** A thought tree as a table: thoughts, their agents, and what each agent's model calls took and cost. */
export function treeLines(root: TreeNode): string[] {
  const total = billOf(interactionsOf(root));
  return [
    row('Thought tree', ['time', 'tokens in/out', 'cost USD']),
    ...branchLines(thoughtBranch(root), '', ''),
    row(`Total of ${agentsOf(root)} agents`, columns(total)),
  ];
}

function thoughtBranch(thought: TreeNode): Branch {
  const [first, last] = [thought.agents.filter(isBefore), thought.agents.filter((agent) => !isBefore(agent))];
  const agentBranch = (agent: TreeNode['agents'][number]): Branch => ({
    label: `${markOf(agent.status)} ${agentName(agent)}`,
    bill: billOf(thought.llm_interactions.filter(({ agent_id }) => agent_id === agent.id)),
    branches: [],
  });
  return {
    label: `${markOf(thought.status)} ${inOneLine(thought.goal)}`,
    bill: undefined,
    branches: [...first.map(agentBranch), ...thought.children.map(thoughtBranch), ...last.map(agentBranch)],
  };
}

/** Whether an agent worked before the subtasks of its thought. */
const isBefore = ({ context }: TreeNode['agents'][number]): boolean => context.purpose === 'plan';

function agentName({ context, agent_class }: TreeNode['agents'][number]): string {
  const purpose = typeof context.purpose === 'string' ? context.purpose : '';
  return AGENTS[purpose] ?? `agent: ${agent_class.replaceAll('_', ' ')}`;
}

const markOf = (status: string): string => MARKS[status] ?? '·';

function branchLines(branch: Branch, first: string, rest: string): string[] {
  const { label, bill, branches } = branch;
  return [
    row(`${first}${label}`, bill === undefined ? [] : columns(bill)),
    ...branches.flatMap((inner, index) =>
      index < branches.length - 1
        ? branchLines(inner, `${rest}├─ `, `${rest}│  `)
        : branchLines(inner, `${rest}└─ `, `${rest}   `),
    ),
  ];
}

function row(label: string, cells: readonly string[]): string {
  const whole = LABEL_WIDTH + COLUMN_WIDTHS.reduce((sum, width) => sum + width, 0);
  if (cells.length === 0) return shortened(label, whole);
  const texts = cells.map((cell, index) => cell.padStart(COLUMN_WIDTHS[index] ?? 0));
  return `${shortened(label, LABEL_WIDTH).padEnd(LABEL_WIDTH)}${texts.join('')}`;
}

const columns = ({ milliseconds, input, output, usd }: Bill): string[] => [
  `${counted(milliseconds)} ms`,
  `${counted(input)}/${counted(output)}`,
  usd.toFixed(6),
];

const billOf = (calls: readonly TreeInteraction[]): Bill => ({
  milliseconds: sumOf(calls, ({ latency_ms }) => latency_ms),
  input: sumOf(calls, ({ token_count_input }) => token_count_input),
  output: sumOf(calls, ({ token_count_output }) => token_count_output),
  usd: sumOf(calls, ({ cost_usd }) => cost_usd),
});

const sumOf = (calls: readonly TreeInteraction[], value: (call: TreeInteraction) => number | null): number =>
  calls.reduce((sum, call) => sum + (value(call) ?? 0), 0);

const interactionsOf = (thought: TreeNode): TreeInteraction[] => [
  ...thought.llm_interactions,
  ...thought.children.flatMap(interactionsOf),
];

const agentsOf = (thought: TreeNode): number =>
  thought.children.reduce((sum, child) => sum + agentsOf(child), thought.agents.length);
