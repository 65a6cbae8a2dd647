import { Injectable } from '@nestjs/common';
import type { Principal } from '../../auth/principal.js';
import { Database } from '../../database/database.service.js';
import type { Sql } from '../../database/sql.js';
import { storableJson } from '../../database/storable.js';
import { IdempotencyService } from '../../http/idempotency/idempotency.service.js';
import type { IdempotencyClaim } from '../../http/idempotency/idempotency.store.js';
import type { Plain } from '../../http/plain.js';
import { invalid, Problem } from '../../http/problem.js';
import { boostedByHand } from '../dynamics/evolution.rules.js';
import { withoutNoise } from '../dynamics/without-noise.rules.js';
import { MotivationRegistry } from '../motivations/motivation-registry.js';
import { type Boost, readBoost } from './boost-request.js';
import type { BoostQuery, BoostResult } from './dto/boost-state.dto.js';
import type { MotivationalStateDetailDto } from './dto/motivational-state.dto.js';
import type { TuneState } from './dto/tune-state.dto.js';
import { MotivationalStates, unknownMotivation } from './motivational-states.service.js';
import { lockState, MAX_RECENT_BOOSTS, saveStates, type StateRow } from './state-rows.js';
import { tuned } from './tuning.rules.js';

/** What people do to motivations. Each change locks its row: of two at once, the second goes on from what the first left. */
@Injectable()
export class StateChanges {
  constructor(
    private readonly database: Database,
    private readonly motivations: MotivationRegistry,
    private readonly states: MotivationalStates,
    private readonly idempotency: IdempotencyService,
  ) {}

  /** @throws Problem VALIDATION_ERROR, NOT_FOUND, CONFLICT when no code defines it any more */
  async tune(type: string, body: TuneState): Promise<Plain<MotivationalStateDetailDto>> {
    if (Object.values(body).every((value) => value === undefined)) {
      throw invalid('body', 'must have at least one member');
    }
    await this.database.transaction(async (tx) => {
      const after = tuned(await this.lock(tx, type), {
        isActive: body.is_active,
        decayRate: body.decay_rate,
        boostFactor: body.boost_factor,
        maxUrgency: body.max_urgency,
        minSatisfaction: body.min_satisfaction,
        urgency: body.urgency,
        satisfaction: body.satisfaction,
      });
      if ('field' in after) throw invalid(after.field, after.message);
      await saveStates(tx, [after]);
    });
    return this.states.state(type, undefined);
  }

  /**
   * Immediate and whole, and no cooldown begins.
   * @throws Problem VALIDATION_ERROR, NOT_FOUND, CONFLICT when it is not active, or no code defines it any more
   */
  async boost(
    type: string,
    query: BoostQuery,
    body: object | undefined,
    { id: by }: Principal,
    claim: IdempotencyClaim | undefined,
  ): Promise<Plain<BoostResult>> {
    const boost = await readBoost(query, body);
    const now = new Date();
    const { before, after } = await this.database.transaction(async (tx) => {
      const row = await this.lock(tx, type);
      const { isNew } = await this.idempotency.bind(tx, claim);
      if (!isNew) return { before: row, after: row };
      if (!row.isActive)
        throw new Problem('CONFLICT', `${type} is not active: a boost would do nothing. Activate it first.`);
      const boosted = { ...row, ...boostedByHand(row, boost.amount) };
      await saveStates(tx, [boosted]);
      await remember(tx, row.id, { at: now.toISOString(), by, boost });
      return { before: row, after: boosted };
    });
    const urgency = withoutNoise(after.urgency);
    const factor = withoutNoise(before.boostFactor);
    return {
      message: `${type} was boosted by ${boost.amount} × ${factor}; its urgency is ${urgency}, at most ${after.maxUrgency}.`,
      motivation_type: type,
      boost_amount: boost.amount,
      reason: boost.reason,
      urgency,
      timestamp: now.toISOString(),
    };
  }

  private async lock(tx: Sql, type: string): Promise<StateRow> {
    const row = await lockState(tx, type);
    if (row === undefined) throw unknownMotivation(type);
    if (this.motivations.find(type) !== undefined) return row;
    throw new Problem('CONFLICT', `No code of this NYX defines ${type} any more; its row is history.`);
  }
}

async function remember(
  tx: Sql,
  id: string,
  { at, by, boost: { amount, reason, metadata } }: { readonly at: string; readonly by: string; readonly boost: Boost },
): Promise<void> {
  await tx.query(
    `UPDATE motivational_states
        SET metadata = metadata || jsonb_build_object('boosts', jsonb_path_query_array(
              jsonb_build_array($2::jsonb) || coalesce(metadata -> 'boosts', '[]'), '$[0 to ${MAX_RECENT_BOOSTS - 1}]'))
      WHERE id = $1`,
    [id, storableJson({ at, by, boost_amount: amount, reason, metadata })],
  );
}
