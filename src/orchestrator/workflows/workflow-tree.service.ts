import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.service.js';
import { notFound } from '../../http/problem.js';
import {
  AGENT_COLUMNS,
  isoTime,
  presentAgent,
  presentThought,
  THOUGHT_COLUMNS,
  type AgentRow,
  type Row,
  type ThoughtRow,
} from '../tree-rows.js';
import type { TreeInteraction, TreeNode, TreeToolExecution, WorkflowTree } from './dto/workflow-tree.dto.js';

interface TreeRow {
  thoughts: ThoughtRow[];
  agents: AgentRow[];
  interactions: (Row<TreeInteraction> & { thought_tree_id: string })[];
  executions: (Row<TreeToolExecution> & { thought_tree_id: string })[];
}

const TREE = `
  WITH tree AS (SELECT * FROM thought_trees WHERE root_id = $1)
  SELECT (SELECT coalesce(json_agg(x), '[]') FROM (
            SELECT ${THOUGHT_COLUMNS} FROM tree t ORDER BY t.depth, t.position, t.id) x) AS thoughts,
         (SELECT coalesce(json_agg(x ORDER BY x.created_at, x.id), '[]') FROM (
            SELECT ${AGENT_COLUMNS} FROM agents a WHERE a.thought_tree_id IN (SELECT id FROM tree)) x) AS agents,
         (SELECT coalesce(json_agg(x ORDER BY x.request_timestamp, x.id), '[]') FROM (
            SELECT id, thought_tree_id, agent_id, purpose, provider, model, status, system_prompt, prompt_text, response_text,
                   token_count_input, token_count_output, cost_usd, latency_ms, retry_count, error_message, request_timestamp
              FROM llm_interactions WHERE thought_tree_id IN (SELECT id FROM tree)) x) AS interactions,
         (SELECT coalesce(json_agg(x ORDER BY x.started_at, x.id), '[]') FROM (
            SELECT id, thought_tree_id, agent_id, tool_name, status, rule, success, error_message, duration_ms, started_at,
                   CASE WHEN pg_column_size(input_parameters) <= 2000 THEN
                     CASE WHEN octet_length(input_parameters::text) <= 2000 THEN input_parameters END END AS input_parameters
              FROM tool_executions WHERE thought_tree_id IN (SELECT id FROM tree)) x) AS executions`;

/** Everything a workflow thought and did, so that its output traces back to prompts, costs and decisions. */
@Injectable()
export class WorkflowTrees {
  constructor(private readonly database: Database) {}

  /** @throws Problem NOT_FOUND */
  async tree(workflowId: string): Promise<WorkflowTree> {
    const [row] = await this.database.query<TreeRow>(TREE, [workflowId]);
    const [root] = row?.thoughts ?? [];
    if (row === undefined || root === undefined) throw notFound(`Workflow ${workflowId}`);
    return { workflow_id: workflowId, tree: assemble(row, root) };
  }
}

function assemble(rows: TreeRow, root: ThoughtRow): TreeNode {
  const agents = grouped(rows.agents.map(presentAgent), ({ thought_tree_id }) => thought_tree_id);
  const interactions = grouped(rows.interactions, ({ thought_tree_id }) => thought_tree_id);
  const executions = grouped(rows.executions, ({ thought_tree_id }) => thought_tree_id);
  const children = grouped(rows.thoughts, ({ parent_id }) => parent_id);
  const node = (thought: ThoughtRow): TreeNode => ({
    ...presentThought(thought),
    agents: agents.get(thought.id) ?? [],
    llm_interactions: (interactions.get(thought.id) ?? []).map((row) => ({
      ...row,
      request_timestamp: isoTime(row.request_timestamp),
    })),
    tool_executions: (executions.get(thought.id) ?? []).map((row) => ({ ...row, started_at: isoTime(row.started_at) })),
    children: (children.get(thought.id) ?? []).map(node),
  });
  return node(root);
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
