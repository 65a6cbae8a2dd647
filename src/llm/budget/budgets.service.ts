import { Injectable } from '@nestjs/common';
import { Decimal } from 'decimal.js';
import { ofOwner, type Owner } from '../../auth/owner.js';
import { AppConfig } from '../../config/app-config.js';
import { conditionsOf } from '../../database/conditions.js';
import { Database } from '../../database/database.service.js';
import { exactTime, pageOf, placeAfter } from '../../http/cursor.js';
import type { Plain } from '../../http/plain.js';
import { invalid, notFound } from '../../http/problem.js';
import type { BudgetChange, BudgetPage, BudgetQuery, BudgetView } from './budget.dto.js';
import { defaultLimitOf, periodOf, placeOf, remainingUsd } from './budget.rules.js';
import { configuredLimit, joinConfiguredLimit, utcPeriod } from './budget.sql.js';
import { BUDGET_SCOPE_KINDS, type BudgetScopeKind } from './budget.values.js';

interface Row {
  id: string;
  at: string;
  kind: BudgetScopeKind;
  key: string;
  limit_usd: string | null;
  own_limit_usd: string | null;
  spent_usd: string;
  reserved_usd: string;
  in_doubt_usd: string;
  warned_at: Date | null;
  created_at: Date;
  updated_at: Date;
}

/** As many as `numeric(20,10)` keeps. */
const MAX_DECIMALS = 10;

/**
 * $1 kinds, $2 their period formats, $3 their limits where the runtime configuration says nothing. `chosen` selects rows of
 * budget_scopes. The limit of a period that is over is the one that it ended with.
 */
const viewsOf = (chosen: string): string => `
  SELECT s.id, ${exactTime('s.created_at')} AS at, s.kind, s.key, s.own_limit_usd, s.spent_usd, s.reserved_usd, s.in_doubt_usd,
         s.warned_at, s.created_at, s.updated_at,
         coalesce(s.own_limit_usd, CASE WHEN s.kind = 'workflow' OR right(s.key, length(k.current)) <> k.current THEN s.limit_usd
                                        ELSE ${configuredLimit('k.given_limit')} END) AS limit_usd
  FROM (${chosen}) s
  JOIN (SELECT kind, ${utcPeriod('now()', 'period')} AS current, given_limit
        FROM unnest($1::text[], $2::text[], $3::numeric[]) AS given(kind, period, given_limit)) k ON k.kind = s.kind
  ${joinConfiguredLimit('s.kind')}
  ORDER BY s.created_at DESC, s.id DESC`;

const COLUMNS = `id, kind, key, limit_usd, own_limit_usd, spent_usd, reserved_usd, in_doubt_usd, warned_at, created_at, updated_at`;

const ONE = viewsOf(`SELECT ${COLUMNS} FROM budget_scopes WHERE id = $4::uuid`);

/** Those of the principal's workflows, sessions and days: `sessionScope` and days begin their keys with whose they are. */
const OWN_SCOPES = `((kind = 'workflow' AND key IN (SELECT id::text FROM workflows WHERE principal_id = ?))
    OR (kind IN ('session', 'principal_day') AND starts_with(key, ?::text || ':')))`;

/** The balances for the API, with the limits that hold now. */
@Injectable()
export class Budgets {
  constructor(
    private readonly database: Database,
    private readonly config: AppConfig,
  ) {}

  async list({ kind, cursor, limit }: BudgetQuery, owner: Owner): Promise<Plain<BudgetPage>> {
    const after = placeAfter(cursor);
    const values: unknown[] = [...this.kinds(), limit + 1, after.at, after.id];
    const asked = conditionsOf(values, { 'kind = ?': kind });
    const own = ofOwner(owner, values, OWN_SCOPES);
    const rows = await this.database.query<Row>(
      viewsOf(`SELECT ${COLUMNS} FROM budget_scopes WHERE (created_at, id) < ($5::timestamptz, $6::uuid)${asked}${own}
                ORDER BY created_at DESC, id DESC LIMIT $4`),
      values,
    );
    return pageOf(rows, limit, viewOf);
  }

  /** @throws Problem NOT_FOUND; VALIDATION_ERROR for more decimals than are kept, so that none is rounded */
  async setLimit(id: string, { limit_usd: limitUsd }: BudgetChange): Promise<Plain<BudgetView>> {
    const limit = limitUsd === null ? null : new Decimal(limitUsd);
    if (limit !== null && limit.decimalPlaces() > MAX_DECIMALS)
      throw invalid('limit_usd', `must have at most ${MAX_DECIMALS} decimals`);
    await this.database.query(
      'UPDATE budget_scopes SET own_limit_usd = $2, warned_at = NULL, updated_at = now() WHERE id = $1',
      [id, limit?.toFixed() ?? null],
    );
    const [row] = await this.database.query<Row>(ONE, [...this.kinds(), id]);
    if (row === undefined) throw notFound('The budget');
    return viewOf(row);
  }

  private kinds(): unknown[] {
    return [
      BUDGET_SCOPE_KINDS,
      BUDGET_SCOPE_KINDS.map(periodOf),
      BUDGET_SCOPE_KINDS.map((kind) => defaultLimitOf(kind, this.config.budget)?.toFixed() ?? null),
    ];
  }
}

function viewOf(row: Row): Plain<BudgetView> {
  const { key, period } = placeOf(row.kind, row.key);
  const limitUsd = row.limit_usd === null ? undefined : new Decimal(row.limit_usd);
  const spentUsd = new Decimal(row.spent_usd);
  const reservedUsd = new Decimal(row.reserved_usd);
  const inDoubtUsd = new Decimal(row.in_doubt_usd);
  return {
    id: row.id,
    kind: row.kind,
    key,
    period: period ?? null,
    limit_usd: limitUsd?.toNumber() ?? null,
    own_limit_usd: row.own_limit_usd === null ? null : Number(row.own_limit_usd),
    spent_usd: spentUsd.toNumber(),
    reserved_usd: reservedUsd.toNumber(),
    in_doubt_usd: inDoubtUsd.toNumber(),
    remaining_usd: remainingUsd({ limitUsd, spentUsd, reservedUsd, inDoubtUsd })?.toNumber() ?? null,
    warned_at: row.warned_at?.toISOString() ?? null,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
  };
}
