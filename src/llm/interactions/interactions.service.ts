import { Injectable } from '@nestjs/common';
import { ofOwner, type Owner } from '../../auth/owner.js';
import { conditionsOf } from '../../database/conditions.js';
import { Database } from '../../database/database.service.js';
import { exactTime, pageOf, placeAfter } from '../../http/cursor.js';
import { notFound } from '../../http/problem.js';
import type { Plain } from '../../http/plain.js';
import type { InteractionDetail, InteractionPage, InteractionQuery, InteractionView } from './interaction.dto.js';

type MoneyAndTimes = 'cost_usd' | 'cost_without_cache_usd' | 'request_timestamp' | 'response_timestamp';

type Row = Omit<Plain<InteractionDetail>, MoneyAndTimes> & {
  at: string;
  cost_usd: string | null;
  cost_without_cache_usd: string | null;
  request_timestamp: Date;
  response_timestamp: Date | null;
};

const PLAIN = `id, workflow_id, thought_tree_id, agent_id, session_id, principal_id, purpose, provider, model, status, success,
  stop_reason, request_timestamp, response_timestamp, token_count_input, token_count_output, cached_token_count,
  cache_creation_input_tokens, cache_read_input_tokens, latency_ms, cost_usd, cost_without_cache_usd, uses_prompt_caching,
  cache_ttl_seconds, cache_hit, error_code, error_message, retry_count, confidence, provider_request_id,
  template_name, template_version, other_templates,
  ${exactTime('request_timestamp')} AS at`;
const EXCERPTS = `left(system_prompt, 1000) AS system_prompt, left(prompt_text, 1000) AS prompt_text,
  left(response_text, 1000) AS response_text`;

/** Reads of the interaction rows for the API. */
@Injectable()
export class Interactions {
  constructor(private readonly database: Database) {}

  async list(query: InteractionQuery, owner: Owner): Promise<Plain<InteractionPage>> {
    const { workflow_id, thought_tree_id, agent_id, model, success } = query;
    const after = placeAfter(query.cursor);
    const values: unknown[] = [query.limit + 1, after.at, after.id];
    const asked = conditionsOf(values, {
      'workflow_id = ?': workflow_id,
      'thought_tree_id = ?': thought_tree_id,
      'agent_id = ?': agent_id,
      'model = ?': model,
    });
    // As the partial index has it.
    const succeeded = success === undefined ? '' : ` AND ${success ? '' : 'NOT '}success`;
    const own = ofOwner(owner, values);
    const rows = await this.database.query<Row>(
      `SELECT ${PLAIN}, ${EXCERPTS} FROM llm_interactions
       WHERE (request_timestamp, id) < ($2::timestamptz, $3::uuid)${asked}${succeeded}${own}
       ORDER BY request_timestamp DESC, id DESC LIMIT $1`,
      values,
    );
    return pageOf(rows, query.limit, viewOf);
  }

  /** @throws Problem NOT_FOUND */
  async get(id: string): Promise<Plain<InteractionDetail>> {
    const [row] = await this.database.query<Row>(
      `SELECT ${PLAIN}, system_prompt, prompt_text, response_text, response FROM llm_interactions WHERE id = $1`,
      [id],
    );
    if (row === undefined) throw notFound('The interaction');
    return { ...viewOf(row), response: row.response };
  }
}

function viewOf(row: Row): Plain<InteractionView> {
  return {
    ...withoutInternals(row),
    cost_usd: row.cost_usd === null ? null : Number(row.cost_usd),
    cost_without_cache_usd: row.cost_without_cache_usd === null ? null : Number(row.cost_without_cache_usd),
    request_timestamp: row.request_timestamp.toISOString(),
    response_timestamp: row.response_timestamp?.toISOString() ?? null,
  };
}

/** The row without what the page's cursor needs and what only one interaction's own view has. */
function withoutInternals(row: Row): Omit<Row, 'at' | 'response'> {
  const shown: Partial<Row> = { ...row };
  delete shown.at;
  delete shown.response;
  return shown as Omit<Row, 'at' | 'response'>;
}
