import { Injectable } from '@nestjs/common';
import { ADVISORY_LOCKS, tryTransactionLock } from '../../database/advisory-locks.js';
import { Database } from '../../database/database.service.js';
import { NowAndThen } from '../../waiting/now-and-then.js';
import { BATCH, ROLL_UP } from './status-counts.sql.js';

/** Bounds what a read adds up, and spares commits. */
const EVERY_MS = 10_000;
/** Bounds how long a sweep is kept from what else it has to do. */
const RUN_MS = 3_000;

/**
 * Moves changes of status into the counts, each exactly once: both change in one transaction, so a crash leaves both or neither, and
 * reads add whatever is not moved yet.
 */
@Injectable()
export class StatusRollUp {
  private readonly nowAndThen = new NowAndThen(EVERY_MS);

  constructor(private readonly database: Database) {}

  async runWhenDue(): Promise<void> {
    await this.nowAndThen.whenDue(async () => {
      const endsAt = performance.now() + RUN_MS;
      await this.run(endsAt);
      return performance.now() < endsAt;
    });
  }

  /** Begins no further batch after `endsAt`. @returns how many changes were rolled up; 0 also while another run is at it */
  async run(endsAt = Infinity): Promise<number> {
    let changes = 0;
    for (;;) {
      const moved = await this.rollUp();
      changes += moved;
      if (moved < BATCH || performance.now() >= endsAt) return changes;
    }
  }

  private rollUp(): Promise<number> {
    return this.database.transaction(async (tx) => {
      if (!(await tryTransactionLock(tx, ADVISORY_LOCKS.statusRollUp))) return 0;
      const [batch] = await tx.query<{ changes: number }>(ROLL_UP);
      return batch?.changes ?? 0;
    });
  }
}
