import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.service.js';
import { BATCH, COMPACT } from './usage.sql.js';

/** Any fixed number that no other lock has. */
const LOCK = '7023318571412480003';
/** Bounds how long a sweep is kept from what else it has to do. */
const RUN_MS = 3_000;

/**
 * Moves the calls that have ended for good from the queue into the rollups, each exactly once: both change in one transaction, so
 * a crash leaves both or neither, and reads add whatever is in the queue. What was rolled up never changes any more.
 */
@Injectable()
export class UsageCompaction {
  constructor(private readonly database: Database) {}

  /** Begins no further batch after `forMs`. @returns how many calls were rolled up; 0 also while another run is at it */
  async run(forMs = RUN_MS): Promise<number> {
    const endsAt = performance.now() + forMs;
    let calls = 0;
    for (;;) {
      const moved = await this.rollUp();
      calls += moved;
      if (moved < BATCH || performance.now() >= endsAt) return calls;
    }
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
