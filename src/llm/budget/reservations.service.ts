import { Injectable, Logger } from '@nestjs/common';
import { ofOwner, type Owner } from '../../auth/owner.js';
import { Database } from '../../database/database.service.js';
import { exactTime, pageOf, placeAfter } from '../../http/cursor.js';
import type { Plain } from '../../http/plain.js';
import { notFound, Problem } from '../../http/problem.js';
import { InteractionLog } from '../interactions/interaction-log.js';
import { placeOf } from './budget.rules.js';
import { BudgetService } from './budget.service.js';
import type { BudgetLedgerStatus, BudgetScopeKind } from './budget.values.js';
import type { ReservationPage, ReservationQuery, ReservationRelease, ReservationView } from './reservation.dto.js';

interface Row extends Omit<Plain<ReservationView>, 'amount_usd' | 'reserved_at' | 'scopes'> {
  id: string;
  at: string;
  amount_usd: string;
  reserved_at: Date;
  scopes: { id: string; kind: BudgetScopeKind; key: string }[] | null;
}

interface Released {
  status: BudgetLedgerStatus;
  amount_usd: string;
  released_by: string;
  released_at: Date;
}

const openOnes = (own: string): string => `
  SELECT l.id, ${exactTime('l.reserved_at')} AS at, l.interaction_id, l.status, l.reserved_usd AS amount_usd, l.reserved_at,
         l.executor_id, i.purpose, i.model, i.principal_id, i.workflow_id,
         (SELECT json_agg(json_build_object('id', s.id, 'kind', s.kind, 'key', s.key) ORDER BY held.ord)
            FROM unnest(l.scope_ids) WITH ORDINALITY AS held(id, ord) JOIN budget_scopes s ON s.id = held.id) AS scopes
  FROM budget_ledger l LEFT JOIN llm_interactions i ON i.id = l.interaction_id
  WHERE l.status IN ('reserved', 'in_doubt') AND l.status = $1
    AND (l.reserved_at, l.id) < ($3::timestamptz, $4::uuid)${own}
  ORDER BY l.reserved_at DESC, l.id DESC LIMIT $2`;

/** Reservations that no answer has ended, and what an admin may do about them. */
@Injectable()
export class Reservations {
  private readonly logger = new Logger(Reservations.name);

  constructor(
    private readonly database: Database,
    private readonly budget: BudgetService,
    private readonly interactions: InteractionLog,
  ) {}

  async list({ status, limit, cursor }: ReservationQuery, owner: Owner): Promise<Plain<ReservationPage>> {
    const after = placeAfter(cursor);
    const values: unknown[] = [status, limit + 1, after.at, after.id];
    const own = ofOwner(owner, values, 'i.principal_id = ?');
    const rows = await this.database.query<Row>(openOnes(own), values);
    return pageOf(rows, limit, viewOf);
  }

  /** @throws Problem NOT_FOUND; CONFLICT when it is not in doubt (any more), with nothing changed */
  async release(interactionId: string, adminId: string): Promise<Plain<ReservationRelease>> {
    const entry = await this.database.transaction(async (tx) => {
      await this.interactions.release(tx, interactionId);
      const isReleased = await this.budget.release(tx, interactionId, adminId);
      const [found] = await tx.query<Released>(
        'SELECT status, reserved_usd AS amount_usd, released_by, released_at FROM budget_ledger WHERE interaction_id = $1',
        [interactionId],
      );
      if (found === undefined) throw notFound('The reservation');
      if (!isReleased) throw new Problem('CONFLICT', `The reservation is ${found.status}, not in doubt.`);
      return found;
    });
    this.logger.warn(`${adminId} released ${entry.amount_usd} USD in doubt of interaction ${interactionId}.`);
    return {
      interaction_id: interactionId,
      status: 'released',
      amount_usd: Number(entry.amount_usd),
      released_by: entry.released_by,
      released_at: entry.released_at.toISOString(),
    };
  }
}

const viewOf = (row: Row): Plain<ReservationView> => ({
  interaction_id: row.interaction_id,
  status: row.status,
  amount_usd: Number(row.amount_usd),
  reserved_at: row.reserved_at.toISOString(),
  executor_id: row.executor_id,
  purpose: row.purpose,
  model: row.model,
  principal_id: row.principal_id,
  workflow_id: row.workflow_id,
  scopes: (row.scopes ?? []).map(({ id, kind, key }) => {
    const place = placeOf(kind, key);
    return { id, kind, key: place.key, period: place.period ?? null };
  }),
});
