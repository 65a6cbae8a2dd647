import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.service.js';
import type { Transaction } from '../../database/sql.js';
import { EventFeed } from '../../events/event-feed.js';
import { EventLog } from '../../events/event-log.js';
import { notFound, Problem } from '../../http/problem.js';
import { RunClock } from '../run/run-clock.js';
import type { WorkflowChange } from './dto/workflow-answers.dto.js';
import type { Reply } from './reply.js';
import type { WorkflowStatus } from './workflow.values.js';

interface State {
  readonly status: WorkflowStatus;
  readonly is_paused: boolean;
}

/** Holds a workflow before its next model call or tool, and before its end, and lets it go on. What is under way ends. */
@Injectable()
export class WorkflowPause {
  constructor(
    private readonly database: Database,
    private readonly events: EventLog,
    private readonly feed: EventFeed,
    private readonly clock: RunClock,
  ) {}

  /** 202 when it pauses the workflow, 200 when it was paused already. @throws Problem NOT_FOUND, CONFLICT when it has ended */
  pause(id: string): Promise<Reply<WorkflowChange>> {
    return this.change(id, true, async (tx) => {
      await tx.query('UPDATE workflows SET paused_at = now(), updated_at = now() WHERE id = $1', [id]);
      await this.clock.stop(tx, id);
      this.events.append(tx, id, [{ type: 'workflow.paused', data: { paused: true } }]);
    });
  }

  /** 202 when it lets the workflow go on, 200 when it was not paused. @throws Problem NOT_FOUND, CONFLICT when it has ended */
  resume(id: string): Promise<Reply<WorkflowChange>> {
    return this.change(id, false, async (tx) => {
      await tx.query('UPDATE workflows SET paused_at = NULL, updated_at = now() WHERE id = $1', [id]);
      await this.clock.go(tx, id);
      this.events.append(tx, id, [{ type: 'workflow.resumed', data: { paused: false } }]);
    });
  }

  private async change(
    id: string,
    toPaused: boolean,
    work: (tx: Transaction) => Promise<void>,
  ): Promise<Reply<WorkflowChange>> {
    const { status, changed } = await this.database.transaction(async (tx) => {
      const [state] = await tx.query<State>(
        'SELECT status, paused_at IS NOT NULL AS is_paused FROM workflows WHERE id = $1 FOR NO KEY UPDATE',
        [id],
      );
      if (state === undefined) throw notFound(`Workflow ${id}`);
      if (state.status !== 'pending' && state.status !== 'in_progress') {
        const verb = toPaused ? 'paused' : 'resumed';
        throw new Problem('CONFLICT', `Workflow ${id} has ended as ${state.status}; it can no longer be ${verb}.`);
      }
      const isNew = state.is_paused !== toPaused;
      if (isNew) await work(tx);
      return { status: state.status, changed: isNew };
    });
    if (changed) this.feed.announce(id);
    return { status: changed ? 202 : 200, headers: {}, body: { workflow_id: id, status } };
  }
}
