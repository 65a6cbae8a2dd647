import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.service.js';
import { BATCH, COMPACT } from './usage.sql.js';

/** Any fixed number that no other lock has. */
const LOCK = '7023318571412480003';
/** Bounds how long a sweep is kept from what else it has to do. */
const BATCHES_PER_RUN = 4;

/**
 * Moves the calls that have ended for good into the rollups, each exactly once: its sums and its mark commit together, so a
 * crash leaves both or neither, and reads add whatever has no mark. A marked row never changes any more. Who deletes
 * interactions deletes marked ones only, or their money is forgotten.
 */
@Injectable()
export class UsageCompaction {
  constructor(private readonly database: Database) {}

  /** @returns how many calls were rolled up; 0 also while another run is at it */
  async run(): Promise<number> {
    let calls = 0;
    for (let batch = 0; batch < BATCHES_PER_RUN; batch += 1) {
      const moved = await this.rollUp();
      calls += moved;
      if (moved < BATCH) break;
    }
    return calls;
  }

  private rollUp(): Promise<number> {
    return this.database.transaction(async (tx) => {
      const [lock] = await tx.query<{ held: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS held', [LOCK]);
      if (lock?.held !== true) return 0;
      const [batch] = await tx.query<{ calls: number }>(COMPACT);
      return batch?.calls ?? 0;
    });
  }
}
