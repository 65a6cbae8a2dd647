import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.service.js';
import { decodeCursor, exactTime, pageOf, type Page } from '../http/cursor.js';
import { notFound } from '../http/problem.js';
import type { AgentFilter, AgentView, OrchestratorFilter, OrchestratorView } from './agents/dto/agent.dto.js';
import type { ThoughtFilter, ThoughtView } from './thoughts/dto/thought.dto.js';
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

interface RowSource {
  readonly table: string;
  readonly alias: string;
  readonly columns: string;
}

const THOUGHTS: RowSource = { table: 'thought_trees', alias: 't', columns: THOUGHT_COLUMNS };
const AGENTS: RowSource = { table: 'agents', alias: 'a', columns: AGENT_COLUMNS };
const ORCHESTRATORS: RowSource = { table: 'orchestrators', alias: 'o', columns: ORCHESTRATOR_COLUMNS };

/** Thoughts, agents and orchestrators as rows: lists newest first, and single ones. */
@Injectable()
export class TreeQueries {
  constructor(private readonly database: Database) {}

  thoughts({ limit, cursor, status, root_id }: ThoughtFilter): Promise<Page<ThoughtView>> {
    return this.list<ThoughtRow, ThoughtView>(THOUGHTS, { limit, cursor }, { status, root_id }, presentThought);
  }

  async thought(id: string): Promise<ThoughtView> {
    return presentThought(await this.one<ThoughtRow>(THOUGHTS, id, 'Thought'));
  }

  agents({ limit, cursor, status, agent_type, thought_tree_id }: AgentFilter): Promise<Page<AgentView>> {
    return this.list<AgentRow, AgentView>(AGENTS, { limit, cursor }, { status, agent_type, thought_tree_id }, presentAgent);
  }

  async agent(id: string): Promise<AgentView> {
    return presentAgent(await this.one<AgentRow>(AGENTS, id, 'Agent'));
  }

  orchestrators({ limit, cursor, status, thought_tree_id }: OrchestratorFilter): Promise<Page<OrchestratorView>> {
    return this.list<OrchestratorRow, OrchestratorView>(
      ORCHESTRATORS,
      { limit, cursor },
      { status, thought_tree_id },
      presentOrchestrator,
    );
  }

  private async one<Row>({ table, alias, columns }: RowSource, id: string, what: string): Promise<Row> {
    const [row] = await this.database.query<Row>(`SELECT ${columns} FROM ${table} ${alias} WHERE ${alias}.id = $1`, [id]);
    if (row === undefined) throw notFound(`${what} ${id}`);
    return row;
  }

  /** `equals` names columns of the table, never anything a caller sent. */
  private async list<Row extends { id: string }, View>(
    { table, alias, columns }: RowSource,
    page: { limit: number; cursor?: string },
    equals: Readonly<Record<string, unknown>>,
    present: (row: Row) => View,
  ): Promise<Page<View>> {
    const cursor = page.cursor === undefined ? undefined : decodeCursor(page.cursor);
    const given = Object.entries(equals).filter(([, value]) => value !== undefined);
    const where = given.map(([column], index) => ` AND ${alias}.${column} = $${index + 4}`).join('');
    const rows = await this.database.query<Row & { at: string }>(
      `SELECT ${columns}, ${exactTime(`${alias}.created_at`)} AS at FROM ${table} ${alias}
        WHERE ($2::timestamptz IS NULL OR (${alias}.created_at, ${alias}.id) < ($2, $3::uuid))${where}
        ORDER BY ${alias}.created_at DESC, ${alias}.id DESC LIMIT $1`,
      [page.limit + 1, cursor?.at ?? null, cursor?.id ?? null, ...given.map(([, value]) => value)],
    );
    return pageOf(rows, page.limit, ({ at: _at, ...row }) => present(row as unknown as Row));
  }
}
