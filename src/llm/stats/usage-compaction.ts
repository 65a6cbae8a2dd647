import { Injectable } from '@nestjs/common';
import { ADVISORY_LOCKS, tryTransactionLock } from '../../database/advisory-locks.js';
import { Database } from '../../database/database.service.js';
import { BATCH, COMPACT } from './usage.sql.js';

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
      if (!(await tryTransactionLock(tx, ADVISORY_LOCKS.usageCompaction))) return 0;
      const [batch] = await tx.query<{ calls: number }>(COMPACT);
      return batch?.calls ?? 0;
    });
  }
}
