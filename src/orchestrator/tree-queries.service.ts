import { Injectable } from '@nestjs/common';
import { ofOwner, type Owner } from '../auth/owner.js';
import { conditionsOf } from '../database/conditions.js';
import { Database } from '../database/database.service.js';
import { exactTime, pageOf, placeAfter, type Page } from '../http/cursor.js';
import { notFound } from '../http/problem.js';
import { contentOf } from '../llm/interactions/content.sql.js';
import type { AgentFilter, AgentView, OrchestratorFilter, OrchestratorView } from './agents/dto/agent.dto.js';
import type { ThoughtFilter, ThoughtView } from './thoughts/dto/thought.dto.js';
import { isOfOwner } from './workflows/belonging.sql.js';
import {
  AGENT_COLUMNS,
  ORCHESTRATOR_COLUMNS,
  presentAgent,
  presentOrchestrator,
  presentThought,
  THOUGHT_COLUMNS,
  type AgentRow,
  type OrchestratorRow,
  type ThoughtRow,
} from './tree-rows.js';

/** A table whose rows the API shows: `columns` are selected under `alias`. */
interface RowSource<Row, View> {
  readonly what: string;
  readonly table: string;
  readonly alias: string;
  readonly columns: string;
  /** That it is the owner's. */
  readonly own: string;
  readonly present: (row: Row) => View;
}

const inOwnTree = (alias: string): string =>
  `${alias}.thought_tree_id IN (SELECT id FROM thought_trees WHERE ${isOfOwner('root_id')})`;

const THOUGHTS: RowSource<ThoughtRow, ThoughtView> = {
  what: 'Thought',
  table: 'thought_trees',
  alias: 't',
  columns: THOUGHT_COLUMNS,
  own: isOfOwner('t.root_id'),
  present: presentThought,
};

const AGENTS: RowSource<AgentRow, AgentView> = {
  what: 'Agent',
  table: 'agents',
  alias: 'a',
  columns: AGENT_COLUMNS,
  own: inOwnTree('a'),
  present: presentAgent,
};

const ORCHESTRATORS: RowSource<OrchestratorRow, OrchestratorView> = {
  what: 'Orchestrator',
  table: 'orchestrators',
  alias: 'o',
  columns: ORCHESTRATOR_COLUMNS,
  own: inOwnTree('o'),
  present: presentOrchestrator,
};

/** Thoughts, agents and orchestrators as rows: lists newest first, and single ones. */
@Injectable()
export class TreeQueries {
  constructor(private readonly database: Database) {}

  thoughts({ limit, cursor, ...equals }: ThoughtFilter, owner: Owner): Promise<Page<ThoughtView>> {
    return this.list(THOUGHTS, { limit, cursor }, equals, owner);
  }

  thought(id: string): Promise<ThoughtView> {
    return this.one(THOUGHTS, id);
  }

  agents({ limit, cursor, ...equals }: AgentFilter, owner: Owner): Promise<Page<AgentView>> {
    return this.list(AGENTS, { limit, cursor }, equals, owner);
  }

  /** With the content of its result, which the row only names. */
  async agent(id: string): Promise<AgentView> {
    const [row] = await this.database.query<AgentRow & { content: string | null }>(
      `SELECT ${AGENT_COLUMNS},
              (SELECT ${contentOf('i')} FROM llm_interactions i WHERE i.id = (a.state#>>'{result,interaction_id}')::uuid) AS content
         FROM agents a WHERE a.id = $1`,
      [id],
    );
    if (row === undefined) throw notFound(`Agent ${id}`);
    const { content, ...shown } = row;
    const agent = presentAgent(shown);
    const { result } = agent.state as { result?: { interaction_id?: string } };
    if (result?.interaction_id !== undefined) agent.state = { ...agent.state, result: { ...result, content } };
    return agent;
  }

  orchestrators({ limit, cursor, ...equals }: OrchestratorFilter, owner: Owner): Promise<Page<OrchestratorView>> {
    return this.list(ORCHESTRATORS, { limit, cursor }, equals, owner);
  }

  /** @throws Problem NOT_FOUND */
  private async one<Row, View>(
    { what, table, alias, columns, present }: RowSource<Row, View>,
    id: string,
  ): Promise<View> {
    const [row] = await this.database.query<Row>(`SELECT ${columns} FROM ${table} ${alias} WHERE ${alias}.id = $1`, [
      id,
    ]);
    if (row === undefined) throw notFound(`${what} ${id}`);
    return present(row);
  }

  /** The names in `equals` are members of a DTO, which the validation has reduced to the declared ones. */
  private async list<Row extends { id: string }, View>(
    { table, alias, columns, own, present }: RowSource<Row, View>,
    page: { limit: number; cursor?: string },
    equals: Readonly<Record<string, unknown>>,
    owner: Owner,
  ): Promise<Page<View>> {
    const after = placeAfter(page.cursor);
    const values: unknown[] = [page.limit + 1, after.at, after.id];
    const conditions = Object.entries(equals).map(([column, value]) => [`${alias}.${column} = ?`, value]);
    const asked = conditionsOf(values, Object.fromEntries(conditions) as Record<string, unknown>);
    const isOwn = ofOwner(owner, values, own);
    const rows = await this.database.query<{ row: Row; id: string; at: string }>(
      `SELECT to_jsonb(shown) AS row, shown.id, ${exactTime('shown.created_at')} AS at
         FROM (SELECT ${columns} FROM ${table} ${alias}
                WHERE (${alias}.created_at, ${alias}.id) < ($2::timestamptz, $3::uuid)${asked}${isOwn}
                ORDER BY ${alias}.created_at DESC, ${alias}.id DESC LIMIT $1) shown`,
      values,
    );
    return pageOf(rows, page.limit, ({ row }) => present(row));
  }
}
