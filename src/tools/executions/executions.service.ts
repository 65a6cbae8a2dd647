import { Injectable } from '@nestjs/common';
import { ofOwner, type Owner } from '../../auth/owner.js';
import { conditionsOf } from '../../database/conditions.js';
import { Database } from '../../database/database.service.js';
import { exactTime, pageOf, placeAfter } from '../../http/cursor.js';
import type { Plain } from '../../http/plain.js';
import { notFound } from '../../http/problem.js';
import type { ExecutionPage, ExecutionQuery, ExecutionView } from './execution.dto.js';

type Row = Omit<Plain<ExecutionView>, 'started_at' | 'completed_at'> & {
  readonly at: string;
  readonly started_at: Date;
  readonly completed_at: Date | null;
};

/** Bytes; a page shows up to 200 rows. */
const LARGE = 2_000;

/** Null when it is large. As it is stored it may be compressed: what is large even so is not looked at further. */
const short = (column: string): string =>
  `CASE WHEN pg_column_size(${column}) <= ${LARGE} THEN CASE WHEN octet_length(${column}::text) <= ${LARGE} THEN ${column} END END AS ${column}`;

const PLAIN = `id, tool_name, tool_class, status, rule, success, principal_id, workflow_id, thought_tree_id, agent_id, arguments_hash,
  error_message, exit_code, duration_ms, retry_count, started_at, completed_at, ${exactTime('started_at')} AS at`;
const LONG = ['input_parameters', 'metadata', 'output_result', 'stdout', 'stderr'];
const SHORT = LONG.map(short).join(', ');

/** Reads of the execution rows for the API. */
@Injectable()
export class Executions {
  constructor(private readonly database: Database) {}

  async list(query: ExecutionQuery, owner: Owner): Promise<Plain<ExecutionPage>> {
    const after = placeAfter(query.cursor);
    const values: unknown[] = [query.limit + 1, after.at, after.id];
    const asked = conditionsOf(values, {
      'tool_name = ?': query.tool_name,
      'status = ?': query.status,
      'agent_id = ?': query.agent_id,
      'thought_tree_id = ?': query.thought_tree_id,
      'workflow_id = ?': query.workflow_id,
    });
    const own = ofOwner(owner, values);
    const rows = await this.database.query<Row>(
      `SELECT ${PLAIN}, ${SHORT} FROM tool_executions
       WHERE (started_at, id) < ($2::timestamptz, $3::uuid)${asked}${own}
       ORDER BY started_at DESC, id DESC LIMIT $1`,
      values,
    );
    return pageOf(rows, query.limit, viewOf);
  }

  /** @throws Problem NOT_FOUND */
  async get(id: string): Promise<Plain<ExecutionView>> {
    const [row] = await this.database.query<Row>(
      `SELECT ${PLAIN}, ${LONG.join(', ')} FROM tool_executions WHERE id = $1`,
      [id],
    );
    if (row === undefined) throw notFound('The execution');
    return viewOf(row);
  }
}

const viewOf = ({ at: _at, started_at: startedAt, completed_at: completedAt, ...row }: Row): Plain<ExecutionView> => ({
  ...row,
  started_at: startedAt.toISOString(),
  completed_at: completedAt?.toISOString() ?? null,
});
