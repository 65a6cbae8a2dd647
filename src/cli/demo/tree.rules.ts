import type { components } from '../../../clients/typescript/src/index.js';
import { counted, inOneLine, shortened, WIDTH } from './terminal.rules.js';

type TreeNode = components['schemas']['TreeNode'];
type TreeInteraction = components['schemas']['TreeInteraction'];

const LABEL_WIDTH = { min: 24, max: 42 } as const;
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

interface Row {
  readonly label: string;
  /** None: the label may take the whole line. */
  readonly cells: readonly string[];
}

/**
 * A thought tree as a table: thoughts, their agents, and what each agent's model calls took and cost. Columns for which there is no room
 * are left out.
 */
export function treeLines(root: TreeNode, width = WIDTH): string[] {
  const total = billOf(interactionsOf(root));
  const rows: Row[] = [
    { label: 'Thought tree', cells: ['time', 'tokens in/out', 'cost USD'] },
    ...branchRows(thoughtBranch(root), '', ''),
    { label: `Total of ${agentsOf(root)} agents`, cells: columns(total) },
  ];
  const widths = COLUMN_WIDTHS.filter((_, index) => LABEL_WIDTH.min + sum(COLUMN_WIDTHS.slice(0, index + 1)) <= width);
  const labelWidth = Math.min(LABEL_WIDTH.max, width - sum(widths));
  return rows.map((row) => lineOf(row, labelWidth, widths));
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

function branchRows(branch: Branch, first: string, rest: string): Row[] {
  const { label, bill, branches } = branch;
  return [
    { label: `${first}${label}`, cells: bill === undefined ? [] : columns(bill) },
    ...branches.flatMap((inner, index) =>
      index < branches.length - 1
        ? branchRows(inner, `${rest}├─ `, `${rest}│  `)
        : branchRows(inner, `${rest}└─ `, `${rest}   `),
    ),
  ];
}

function lineOf({ label, cells }: Row, labelWidth: number, widths: readonly number[]): string {
  if (cells.length === 0) return shortened(label, labelWidth + sum(widths));
  const texts = widths.map((width, index) => (cells[index] ?? '').padStart(width));
  return `${shortened(label, labelWidth).padEnd(labelWidth)}${texts.join('')}`;
}

const sum = (widths: readonly number[]): number => widths.reduce((total, width) => total + width, 0);

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
