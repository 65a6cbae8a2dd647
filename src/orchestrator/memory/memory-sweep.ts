import { Injectable } from '@nestjs/common';
import { ADVISORY_LOCKS, tryTransactionLock } from '../../database/advisory-locks.js';
import { AppConfig } from '../../config/app-config.js';
import { Database } from '../../database/database.service.js';
import { Recovery } from '../../durable/recovery.service.js';
import { NowAndThen } from '../../waiting/now-and-then.js';
import { inBatches } from '../../waiting/batches.js';
import { MAX_PER_PLACE } from './memory.values.js';
import { STRENGTH_SQL } from './relevance.rules.js';

const EVERY_MS = 10 * 60_000;
const BATCH = 500;
/** Bounds how long a sweep is kept from what else it has to do. */
const RUN_MS = 2_000;

const EXPIRED = `
  WITH gone AS (DELETE FROM memories WHERE id IN (
    SELECT id FROM memories WHERE expires_at <= now() ORDER BY expires_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED) RETURNING 1)
  SELECT count(*)::int AS gone FROM gone`;

/**
 * The weakest of one place that has too many; what a transaction is using just now is not among them.
 * @param owner SQL for whose place it is: null where all share one
 */
const overflow = (owner: string): string => `
  WITH place AS (
    SELECT scope, scope_key, ${owner} AS owner, least(count(*) - ${MAX_PER_PLACE}, ${BATCH}) AS extra FROM memories
     GROUP BY 1, 2, 3 HAVING count(*) > ${MAX_PER_PLACE} ORDER BY count(*) DESC LIMIT 1
  ), gone AS (DELETE FROM memories WHERE id IN (
    SELECT m.id FROM memories m, place WHERE m.scope = place.scope AND m.scope_key IS NOT DISTINCT FROM place.scope_key
       AND ${owner} IS NOT DISTINCT FROM place.owner
     ORDER BY ${STRENGTH_SQL}, m.id LIMIT (SELECT extra FROM place) FOR UPDATE OF m SKIP LOCKED) RETURNING 1)
  SELECT count(*)::int AS gone FROM gone`;

/** Forgets what has expired, and the weakest of what is too much, a batch at a time. */
@Injectable()
export class MemorySweep {
  private readonly statements: readonly string[];

  constructor(
    private readonly database: Database,
    recovery: Recovery,
    { isolatePrincipals }: AppConfig,
  ) {
    // Nobody crowds out what is another's.
    this.statements = [EXPIRED, overflow(isolatePrincipals ? 'principal_id' : 'NULL::varchar')];
    const nowAndThen = new NowAndThen(EVERY_MS);
    recovery.onSweep(async () => {
      await nowAndThen.whenDue(async () => {
        const endsAt = performance.now() + RUN_MS;
        await this.run(endsAt);
        return performance.now() < endsAt;
      });
    });
  }

  /** Begins no further batch after `endsAt`. @returns how many are gone */
  async run(endsAt = Infinity): Promise<number> {
    let gone = 0;
    for (const statement of this.statements) {
      await inBatches(endsAt, async () => {
        const batch = await this.batch(statement);
        gone += batch;
        return batch === 0;
      });
    }
    return gone;
  }

  /** Under a lock: two that count the same place would each take away what is too much. */
  private batch(statement: string): Promise<number> {
    return this.database.transaction(async (tx) => {
      if (!(await tryTransactionLock(tx, ADVISORY_LOCKS.memorySweep))) return 0;
      const [row] = await tx.query<{ gone: number }>(statement);
      return row?.gone ?? 0;
    });
  }
}
