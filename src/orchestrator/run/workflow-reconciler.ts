import { Injectable, Logger } from '@nestjs/common';
import { Database } from '../../database/database.service.js';
import { Durable } from '../../durable/durable.service.js';
import { Recovery, type AbnormalEnd } from '../../durable/recovery.service.js';
import { EventFeed } from '../../events/event-feed.js';
import { WorkflowEnder } from './workflow-ender.js';

const BATCH = 1_000;
const BEFORE_ALL = { created_at: '-infinity', id: '00000000-0000-0000-0000-000000000000' };

const FAILURES: Readonly<Record<AbnormalEnd['kind'], { code: string; message: string }>> = {
  given_up: {
    code: 'GIVEN_UP',
    message: 'The process that ran this workflow died too often while running it; it was given up after 5 recoveries.',
  },
  failed: { code: 'INTERNAL', message: 'The workflow stopped on an internal error, which is in the log.' },
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
    for (const end of await this.recovery.abnormalEnds(active.map(({ id }) => id))) {
      await this.giveUp(end).catch((error: unknown) => {
        this.logger.error(`Workflow ${end.id} could not be ended and is tried again: ${String(error)}`);
      });
    }
  }

  /** Its branches end with it: nobody waits for what they would still be paid for. */
  private async giveUp({ id, kind }: AbnormalEnd): Promise<void> {
    const isEnded = await this.database.transaction(async (tx) => {
      await this.durable.cancel(tx, id);
      return this.ender.giveUp(tx, id, FAILURES[kind]);
    });
    if (!isEnded) return;
    this.logger.error(`Workflow ${id} was ended as failed: ${FAILURES[kind].message}`);
    this.feed.announce(id, 'end');
    this.durable.abortCancelled(id);
  }
}
