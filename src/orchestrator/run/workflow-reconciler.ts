import { Injectable, Logger } from '@nestjs/common';
import { Database } from '../../database/database.service.js';
import type { Transaction } from '../../database/sql.js';
import { Durable } from '../../durable/durable.service.js';
import { MAX_RECOVERY_ATTEMPTS } from '../../durable/durable-engine.js';
import { Recovery, type EndKind } from '../../durable/recovery.service.js';
import { EventFeed } from '../../events/event-feed.js';
import { WorkflowEnder } from './workflow-ender.js';

const BATCH = 1_000;
const BEFORE_ALL = { created_at: '-infinity', id: '00000000-0000-0000-0000-000000000000' };

const FAILURES: Readonly<Record<EndKind, { code: string; message: string }>> = {
  given_up: {
    code: 'GIVEN_UP',
    message: `The process that ran this workflow died too often while running it; it was given up after ${MAX_RECOVERY_ATTEMPTS} recoveries.`,
  },
  failed: { code: 'INTERNAL', message: 'The workflow stopped on an internal error, which is in the log.' },
  succeeded: { code: 'INTERNAL', message: 'The workflow came to its end without writing a result.' },
  cancelled: { code: 'CANCELLED', message: 'The workflow was cancelled in the durable engine.' },
};

/** Gives an end to workflows whose durable function ended without writing one. */
@Injectable()
export class WorkflowReconciler {
  private readonly logger = new Logger(WorkflowReconciler.name);
  private lookedAt = BEFORE_ALL;

  constructor(
    private readonly database: Database,
    private readonly recovery: Recovery,
    private readonly durable: Durable,
    private readonly ender: WorkflowEnder,
    private readonly feed: EventFeed,
  ) {
    recovery.onSweep(() => this.reconcile());
  }

  /** A page of those under way in each sweep: after the last one it begins anew. */
  private async reconcile(): Promise<void> {
    const active = await this.database.query<{ id: string; created_at: string }>(
      `SELECT id, created_at::text FROM workflows WHERE status IN ('pending', 'in_progress')
          AND (created_at, id) > ($1::timestamptz, $2::uuid) ORDER BY created_at, id LIMIT ${BATCH}`,
      [this.lookedAt.created_at, this.lookedAt.id],
    );
    this.lookedAt = (active.length === BATCH ? active.at(-1) : undefined) ?? BEFORE_ALL;
    if (active.length === 0) return;
    for (const id of await this.recovery.endedOf(active.map((each) => each.id))) {
      await this.giveUp(id).catch((error: unknown) => {
        this.logger.error(`Workflow ${id} could not be ended and is tried again: ${String(error)}`);
      });
    }
  }

  /** Its branches end with it: nobody waits for what they would still be paid for. */
  private async giveUp(id: string): Promise<void> {
    const failure = await this.database.transaction(async (tx) => {
      const kind = await this.recovery.heldEnd(tx, id);
      // It may have ended as it should since it was looked at, and have been retried.
      if (kind === undefined || !(await isUnderWay(tx, id))) return undefined;
      await this.durable.cancel(tx, id);
      return (await this.ender.giveUp(tx, id, FAILURES[kind])) ? FAILURES[kind] : undefined;
    });
    if (failure === undefined) return;
    this.logger.error(`Workflow ${id} was ended as failed: ${failure.message}`);
    this.feed.announce(id, 'end');
    this.durable.abortCancelled(id);
  }
}

async function isUnderWay(tx: Transaction, id: string): Promise<boolean> {
  const rows = await tx.query(`SELECT FROM workflows WHERE id = $1 AND status IN ('pending', 'in_progress')`, [id]);
  return rows.length > 0;
}
