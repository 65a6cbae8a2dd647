import { Injectable } from '@nestjs/common';
import { ofOwner, type Owner } from '../../auth/owner.js';
import { Database } from '../../database/database.service.js';
import { encodeCursor, placeAfterOldest } from '../../http/cursor.js';
import { notFound } from '../../http/problem.js';
import { isoTime, presentAgent, presentThought, type AgentRow, type Row, type ThoughtRow } from '../tree-rows.js';
import type { TreeQuery } from './dto/workflow-queries.dto.js';
import type { TreeInteraction, TreeNode, TreeToolExecution, WorkflowTree } from './dto/workflow-tree.dto.js';
import { isOfOwner } from './belonging.sql.js';
import { TREE_CONTENTS, treeThoughts } from './tree-page.sql.js';

/** Rows of one kind on a page; a thought shows at least 25 of each. */
const ROWS_OF_A_KIND = 25_000;
const MIN_ROWS_OF_A_THOUGHT = 25;
const MAX_ROWS_OF_A_THOUGHT = 1_000;
/** Of all excerpts on a page. */
const EXCERPT_CHARACTERS = 4_000_000;

type ThoughtOnPage = ThoughtRow & { position: number; at: string };

interface Contents {
  agents: AgentRow[];
  interactions: (Row<TreeInteraction> & { thought_tree_id: string })[];
  executions: (Row<TreeToolExecution> & { thought_tree_id: string })[];
  omitted: Record<string, number>;
}

const NOTHING: Contents = { agents: [], interactions: [], executions: [], omitted: {} };

/** Everything a workflow thought and did, so that its output traces back to prompts, costs and decisions. Two statements a page. */
@Injectable()
export class WorkflowTrees {
  constructor(private readonly database: Database) {}

  /** @throws Problem NOT_FOUND, VALIDATION_ERROR for a cursor that is none */
  async tree(workflowId: string, { limit, cursor }: TreeQuery, owner: Owner): Promise<WorkflowTree> {
    const after = placeAfterOldest(cursor);
    const values: unknown[] = [workflowId, after.at, after.id, limit + 1];
    const own = ofOwner(owner, values, isOfOwner('t.root_id'));
    const rows = await this.database.query<ThoughtOnPage>(treeThoughts(own), values);
    if (rows.length === 0) await this.requireWorkflow(workflowId, owner);
    const thoughts = rows.slice(0, limit);
    const tops = assemble(thoughts, await this.contents(thoughts));
    const last = rows.length > limit ? thoughts.at(-1) : undefined;
    const tree = tops.find(({ id }) => id === workflowId);
    return {
      workflow_id: workflowId,
      ...(tree && { tree }),
      branches: tops.filter((node) => node !== tree),
      next_cursor: last === undefined ? null : encodeCursor(last),
    };
  }

  private async contents(thoughts: readonly ThoughtOnPage[]): Promise<Contents> {
    if (thoughts.length === 0) return NOTHING;
    const share = Math.floor(ROWS_OF_A_KIND / thoughts.length);
    const [row] = await this.database.query<Contents>(TREE_CONTENTS, [
      thoughts.map(({ id }) => id),
      Math.min(MAX_ROWS_OF_A_THOUGHT, Math.max(MIN_ROWS_OF_A_THOUGHT, share)),
      EXCERPT_CHARACTERS,
    ]);
    return row ?? NOTHING;
  }

  private async requireWorkflow(workflowId: string, owner: Owner): Promise<void> {
    const values: unknown[] = [workflowId];
    const own = ofOwner(owner, values);
    const found = await this.database.query(`SELECT id FROM workflows WHERE id = $1${own}`, values);
    if (found.length === 0) throw notFound(`Workflow ${workflowId}`);
  }
}

/** The thoughts whose parent is not on the page, each with those under it. */
function assemble(thoughts: readonly ThoughtOnPage[], contents: Contents): TreeNode[] {
  const agents = grouped(contents.agents.map(presentAgent), ({ thought_tree_id }) => thought_tree_id);
  const interactions = grouped(contents.interactions, ({ thought_tree_id }) => thought_tree_id);
  const executions = grouped(contents.executions, ({ thought_tree_id }) => thought_tree_id);
  const inOrder = [...thoughts].sort((one, other) => one.position - other.position);
  const children = grouped(inOrder, ({ parent_id }) => parent_id);
  const here = new Set(thoughts.map(({ id }) => id));
  const node = ({ position: _position, at: _at, ...thought }: ThoughtOnPage): TreeNode => ({
    ...presentThought(thought),
    agents: agents.get(thought.id) ?? [],
    llm_interactions: (interactions.get(thought.id) ?? []).map(({ thought_tree_id: _thought, ...row }) => ({
      ...row,
      request_timestamp: isoTime(row.request_timestamp),
    })),
    tool_executions: (executions.get(thought.id) ?? []).map(({ thought_tree_id: _thought, ...row }) => ({
      ...row,
      started_at: isoTime(row.started_at),
    })),
    omitted: contents.omitted[thought.id] ?? 0,
    children: (children.get(thought.id) ?? []).map(node),
  });
  return thoughts.filter(({ parent_id: parent }) => parent === null || !here.has(parent)).map(node);
}

function grouped<Row, Key>(rows: readonly Row[], keyOf: (row: Row) => Key): Map<Key, Row[]> {
  const groups = new Map<Key, Row[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group === undefined) groups.set(keyOf(row), [row]);
    else group.push(row);
  }
  return groups;
}
