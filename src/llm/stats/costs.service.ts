import { Injectable } from '@nestjs/common';
import { Decimal } from 'decimal.js';
import type { Owner } from '../../auth/owner.js';
import { Database } from '../../database/database.service.js';
import type { Plain } from '../../http/plain.js';
import { decodeCostCursor, encodeCostCursor } from './cost-cursor.rules.js';
import type { CostItem, CostList, CostsQuery } from './costs.dto.js';
import { periodOf } from './period.rules.js';
import { COSTS, OWN_COSTS } from './usage.sql.js';

interface Totals {
  readonly total_requests: string;
  readonly total_cost_usd: string;
  readonly total_in_doubt_usd: string;
}

interface CostRow {
  readonly key: string;
  readonly rank: string;
  readonly label: string | null;
  readonly requests: string;
  readonly cost_usd: string;
  readonly in_doubt_usd: string;
  readonly input_tokens: string;
  readonly output_tokens: string;
  readonly cache_read_input_tokens: string;
  readonly cost_without_cache_usd: string;
}

/** What was spent on what, from rollups and what is not rolled up yet: exact at any moment. */
@Injectable()
export class Costs {
  constructor(private readonly database: Database) {}

  /** @throws Problem VALIDATION_ERROR */
  async list(query: CostsQuery, owner: Owner): Promise<Plain<CostList>> {
    const now = new Date();
    const { by } = query;
    const { from, to } = periodOf(query, now.getTime());
    const limit = query.limit ?? (by === 'workflow' ? 20 : 200);
    const after = query.cursor === undefined ? undefined : decodeCostCursor(by, query.cursor);
    const rows = await this.database.query<Totals & (CostRow | { readonly key: null })>(
      (owner === undefined ? COSTS : OWN_COSTS)[by],
      [from, to, after?.rank ?? null, after?.key ?? null, limit + 1, ...(owner === undefined ? [] : [owner])],
    );
    const found = rows.filter((row): row is Totals & CostRow => row.key !== null);
    const items = found.slice(0, limit);
    const last = found.length > limit ? items.at(-1) : undefined;
    return {
      by,
      from,
      to,
      items: items.map(itemOf),
      next_cursor: last === undefined ? null : encodeCostCursor(by, last),
      total: totalOf(rows[0]),
      timestamp: now.toISOString(),
    };
  }
}

const itemOf = (row: CostRow): Plain<CostItem> => ({
  key: row.key,
  ...(row.label !== null && { label: row.label }),
  requests: Number(row.requests),
  cost_usd: Number(row.cost_usd),
  in_doubt_usd: Number(row.in_doubt_usd),
  input_tokens: Number(row.input_tokens),
  output_tokens: Number(row.output_tokens),
  cache_read_input_tokens: Number(row.cache_read_input_tokens),
  cost_saved_usd: new Decimal(row.cost_without_cache_usd).minus(row.cost_usd).toNumber(),
});

const totalOf = (row: Totals | undefined): Plain<CostList['total']> => ({
  cost_usd: Number(row?.total_cost_usd ?? 0),
  in_doubt_usd: Number(row?.total_in_doubt_usd ?? 0),
  requests: Number(row?.total_requests ?? 0),
});
