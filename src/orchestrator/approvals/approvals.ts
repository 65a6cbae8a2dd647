import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.service.js';
import type { Transaction } from '../../database/sql.js';
import { storableJson, storableText } from '../../database/storable.js';
import type { EffectContext } from '../../durable/durable.types.js';
import { EventFeed } from '../../events/event-feed.js';
import { EventLog } from '../../events/event-log.js';
import { notFound, Problem } from '../../http/problem.js';
import { RuntimeSettings } from '../../settings/runtime-settings.js';
import { RunClock } from '../run/run-clock.js';
import { approvalAnswered } from '../run/tree-events.js';
import { untilNews } from '../run/wake.js';
import type { ApprovalKind, ApprovalStatus, Decision } from './approval.values.js';

/** Notifications may be lost: without one the row is looked at this often. */
const LOOK_MS = 5_000;

/** What a person is asked. */
export interface Question {
  /** Derived from the step that asks: it asks once, however often it is entered. */
  readonly id: string;
  readonly workflowId: string;
  readonly thoughtId: string;
  readonly agentId?: string;
  readonly kind: ApprovalKind;
  readonly toolName?: string;
  readonly argumentsHash: string;
  /** Exactly what is asked about, with values that may be secret; of a long result the beginning. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly risk?: string;
  readonly reason: string;
}

/** What came of it, as a checkpoint keeps it. */
export interface Answer {
  readonly argumentsHash: string;
  readonly status: Exclude<ApprovalStatus, 'pending'>;
  readonly comment?: string;
}

interface Row {
  readonly status: ApprovalStatus;
  readonly arguments_hash: string;
  readonly comment: string | null;
  readonly left_ms: number;
}

/** What one answer says of its question, in the transaction that writes it. */
interface Verdict {
  readonly status: Exclude<ApprovalStatus, 'pending'>;
  readonly answeredBy?: string;
  readonly comment?: string;
}

/** Questions to people: asked once, answered once, and over by themselves at their deadline. */
@Injectable()
export class Approvals {
  constructor(
    private readonly database: Database,
    private readonly events: EventLog,
    private readonly feed: EventFeed,
    private readonly clock: RunClock,
    private readonly settings: RuntimeSettings,
  ) {}

  /** Asks, once, and waits for the answer or the end of the time for it. For the inside of a step. */
  async ask(question: Question, { fence, idleSignal, whileWaiting }: EffectContext): Promise<Answer> {
    const { id, workflowId } = question;
    await this.database.transaction(async (tx) => {
      fence(tx);
      await this.write(tx, question);
    });
    this.feed.announce(workflowId);
    for (;;) {
      const row = await this.look(id);
      if (row.status !== 'pending') {
        const { status, arguments_hash: argumentsHash, comment } = row;
        return { argumentsHash, status, ...(comment !== null && { comment }) };
      }
      if (row.left_ms <= 0) await this.expire(workflowId, id, fence);
      else {
        const waitMs = Math.min(LOOK_MS, row.left_ms);
        await whileWaiting(() => untilNews(this.feed, workflowId, waitMs, idleSignal));
      }
    }
  }

  /** @throws Problem NOT_FOUND; CONFLICT when it was answered, its time is over, or its workflow has ended */
  async answer(
    { workflowId, id }: Pick<Question, 'workflowId' | 'id'>,
    decision: Decision,
    answeredBy: string,
    comment: string | undefined,
  ): Promise<void> {
    await this.database.transaction(async (tx) => {
      // In the order in which a cancel locks, so that one of the two waits for the other.
      const [workflow] = await tx.query<{ has_ended: boolean }>(
        'SELECT completed_at IS NOT NULL AS has_ended FROM workflows WHERE id = $1 FOR NO KEY UPDATE',
        [workflowId],
      );
      if (workflow === undefined) throw notFound(`Workflow ${workflowId}`);
      const [row] = await tx.query<{ status: ApprovalStatus; is_over: boolean }>(
        `SELECT status, deadline_at <= clock_timestamp() AS is_over FROM approvals WHERE id = $1 AND workflow_id = $2`,
        [id, workflowId],
      );
      if (row === undefined) throw notFound(`Approval ${id} of workflow ${workflowId}`);
      if (workflow.has_ended)
        throw new Problem('CONFLICT', `Workflow ${workflowId} has ended; nothing is asked any more.`);
      if (row.status !== 'pending') throw new Problem('CONFLICT', `Approval ${id} was ${row.status} already.`);
      if (row.is_over) throw new Problem('CONFLICT', `The time to answer approval ${id} is over.`);
      const status = decision === 'approve' ? 'approved' : 'rejected';
      await this.end(tx, workflowId, id, { status, answeredBy, comment });
    });
    this.feed.announce(workflowId);
  }

  private async write(tx: Transaction, question: Question): Promise<void> {
    const { id, workflowId, thoughtId, agentId, kind, toolName, argumentsHash, parameters, risk, reason } = question;
    await this.clock.stop(tx, workflowId);
    const asked = await tx.query(
      `INSERT INTO approvals (id, workflow_id, thought_id, agent_id, kind, tool_name, arguments_hash, parameters, risk, reason, deadline_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, now() + make_interval(mins => $11::int))
       ON CONFLICT (id) DO NOTHING RETURNING id`,
      [
        id,
        workflowId,
        thoughtId,
        agentId ?? null,
        kind,
        toolName ?? null,
        argumentsHash,
        storableJson(parameters),
        risk ?? null,
        storableText(reason),
        this.settings.approvalTimeoutMinutes,
      ],
    );
    if (asked.length === 0) return this.clock.go(tx, workflowId);
    this.events.append(tx, workflowId, [
      {
        type: 'approval.requested',
        data: {
          approval_id: id,
          kind,
          thought_id: thoughtId,
          ...(agentId !== undefined && { agent_id: agentId }),
          ...(toolName !== undefined && { tool_name: toolName }),
          arguments_hash: argumentsHash,
        },
      },
    ]);
  }

  private async look(id: string): Promise<Row> {
    const [row] = await this.database.query<Row>(
      `SELECT status, arguments_hash, comment, (extract(epoch FROM deadline_at - clock_timestamp()) * 1000)::float8 AS left_ms
         FROM approvals WHERE id = $1`,
      [id],
    );
    if (row === undefined) throw new Error(`Approval ${id} has no row.`);
    return row;
  }

  private async expire(workflowId: string, id: string, fence: EffectContext['fence']): Promise<void> {
    await this.database.transaction(async (tx) => {
      fence(tx);
      await tx.query('SELECT FROM workflows WHERE id = $1 FOR NO KEY UPDATE', [workflowId]);
      await this.end(tx, workflowId, id, { status: 'expired' });
    });
    this.feed.announce(workflowId);
  }

  /** Does nothing when it was ended before. The caller holds the workflow's row. */
  private async end(tx: Transaction, workflowId: string, id: string, verdict: Verdict): Promise<void> {
    const { status, answeredBy, comment } = verdict;
    const [row] = await tx.query<{ kind: ApprovalKind }>(
      `UPDATE approvals SET status = $2, answered_by = $3, comment = $4, answered_at = clock_timestamp()
        WHERE id = $1 AND status = 'pending' RETURNING kind`,
      [id, status, answeredBy ?? null, typeof comment === 'string' ? storableText(comment) : null],
    );
    if (row === undefined) return;
    await this.clock.go(tx, workflowId);
    const by = answeredBy !== undefined && { answered_by: answeredBy };
    this.events.append(tx, workflowId, [approvalAnswered({ approval_id: id, kind: row.kind, status, ...by })]);
  }
}
