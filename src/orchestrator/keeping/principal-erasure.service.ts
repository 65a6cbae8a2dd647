import { Injectable, Logger } from '@nestjs/common';
import { isAway } from '../../database/connection-errors.js';
import { Database } from '../../database/database.service.js';
import { placeAfterOldest, type Cursor } from '../../http/cursor.js';
import type { Plain } from '../../http/plain.js';
import { notFound, Problem } from '../../http/problem.js';
import { UsageCompaction } from '../../llm/stats/usage-compaction.js';
import { inBatches } from '../../waiting/batches.js';
import { WorkflowExecution } from '../workflows/workflow-execution.service.js';
import type { ErasureView } from './erasure.dto.js';
import { awaitingMoney, together, WITHOUT_TEXTS, WorkflowErasure } from './workflow-erasure.service.js';

const BATCH = 20;
const ORDERS_AT_ONCE = 100;
const ROWS_AT_ONCE = 1_000;

/** How far the present pass over the workflows of a principal has come, and how many could not go. */
interface Pass {
  readonly last: Cursor;
  readonly left: number;
}

const BEGIN: Pass = { last: placeAfterOldest(undefined), left: 0 };

interface Row {
  readonly principal_id: string;
  readonly requested_at: Date;
  readonly completed_at: Date | null;
  readonly workflows: number;
}

const COLUMNS = 'principal_id, requested_at, completed_at, workflows';

/** Who was removed is known by what is left of them, and who came by an OpenID provider by that alone. */
const MAY_BE_OF_PRINCIPAL = [
  'erasures',
  'workflows',
  'llm_interactions',
  'tool_executions',
  'memories',
  'outside_events',
  'schedules',
  'triggers',
  'workflow_templates',
  'workflow_feedback',
];
const IS_KNOWN = `SELECT ${[
  ...['users', 'api_keys'].map((table) => `EXISTS (SELECT FROM ${table} WHERE id::text = $1)`),
  ...MAY_BE_OF_PRINCIPAL.map((table) => `EXISTS (SELECT FROM ${table} WHERE principal_id = $1)`),
].join(' OR ')} AS known`;

/** $1 the principal, $2 and $3 the last one before. */
const OF_PRINCIPAL = together(
  `SELECT id, created_at FROM workflows WHERE principal_id = $1 AND (created_at, id) > ($2::timestamptz, $3::uuid)
   ORDER BY created_at, id LIMIT ${BATCH}`,
);
const THAT_RUN = 'SELECT id FROM workflows WHERE id = ANY($1::uuid[]) AND completed_at IS NULL ORDER BY created_at, id';

/** Nothing more begins by itself in their name. */
const FIRST = [
  'DELETE FROM schedules WHERE principal_id = $1',
  'DELETE FROM triggers WHERE principal_id = $1',
] as const;

/** Some of what belongs to no workflow, when none is left. */
const some = (table: string, which = ''): string =>
  `DELETE FROM ${table} WHERE id IN (SELECT id FROM ${table} t WHERE principal_id = $1 ${which} LIMIT ${ROWS_AT_ONCE}) RETURNING id`;
const MANY = [
  some('memories'),
  some('tool_executions', `AND status <> 'running'`),
  some(
    'llm_interactions',
    `AND status IN ('succeeded', 'failed') AND NOT EXISTS (SELECT FROM llm_usage_queue q WHERE q.interaction_id = t.id)`,
  ),
  some('outside_events'),
] as const;

/** What it does is written into its row when it ends: without that it would be begun again. */
const RUNNING_TOOL = `SELECT FROM tool_executions WHERE principal_id = $1 AND status = 'running' LIMIT 1`;

/** The rest of it. */
const LAST = [
  `UPDATE llm_interactions SET ${WITHOUT_TEXTS} WHERE principal_id = $1`,
  'DELETE FROM workflow_feedback WHERE principal_id = $1',
  'DELETE FROM idempotency_keys WHERE principal_id = $1',
  'DELETE FROM workflow_templates WHERE principal_id = $1',
] as const;

/**
 * Erases everything of a principal, bit by bit, over crashes: the order is a row, some workflows go in a transaction, and
 * whoever sweeps next does the rest. Amounts stay in the totals, acts in the audit log.
 */
@Injectable()
export class PrincipalErasure {
  private readonly logger = new Logger(PrincipalErasure.name);
  private readonly passes = new Map<string, Pass>();

  constructor(
    private readonly database: Database,
    private readonly erasure: WorkflowErasure,
    private readonly execution: WorkflowExecution,
    private readonly compaction: UsageCompaction,
  ) {}

  /** Asking again after it was done erases what came since. @throws Problem NOT_FOUND */
  async request(principalId: string): Promise<Plain<ErasureView>> {
    const [found] = await this.database.query<{ known: boolean }>(IS_KNOWN, [principalId]);
    if (found?.known !== true) throw notFound('The user');
    const [row] = await this.database.transaction(async (tx) => {
      for (const statement of FIRST) await tx.query(statement, [principalId]);
      return tx.query<Row>(
        `INSERT INTO erasures AS e (principal_id) VALUES ($1)
         ON CONFLICT (principal_id) DO UPDATE
           SET completed_at = NULL, requested_at = CASE WHEN e.completed_at IS NULL THEN e.requested_at ELSE now() END
         RETURNING ${COLUMNS}`,
        [principalId],
      );
    });
    if (row === undefined) throw new Error('The order was not returned.');
    return {
      user_id: row.principal_id,
      requested_at: row.requested_at.toISOString(),
      completed_at: row.completed_at?.toISOString() ?? null,
      workflows: row.workflows,
    };
  }

  /**
   * One bit of what was asked for, that begins nothing further after `endsAt`; an order that has to wait, or fails, keeps no other.
   * @returns whether there may be more to do now
   */
  async work(endsAt = Infinity): Promise<boolean> {
    const orders = await this.database.query<{ principal_id: string }>(
      `SELECT principal_id FROM erasures WHERE completed_at IS NULL ORDER BY requested_at LIMIT ${ORDERS_AT_ONCE}`,
    );
    for (const { principal_id: principalId } of orders) {
      try {
        if (await this.workFor(principalId, endsAt)) return true;
      } catch (error) {
        if (isAway(error)) throw error;
        this.logger.warn(`Erasing ${principalId} failed and is tried again: ${String(error)}`);
      }
    }
    return false;
  }

  private async workFor(principalId: string, endsAt: number): Promise<boolean> {
    const pass = this.passes.get(principalId) ?? BEGIN;
    this.passes.delete(principalId);
    const workflows = await this.database.query<Cursor>(OF_PRINCIPAL, [principalId, pass.last.at, pass.last.id]);
    const last = workflows.at(-1);
    // Only who looked at all of them knows that there is none.
    if (last === undefined) return pass === BEGIN ? await this.finish(principalId, endsAt) : pass.left === 0;
    const ids = workflows.map(({ id }) => id);
    for (const { id } of await this.database.query<{ id: string }>(THAT_RUN, [ids])) await this.cancel(id);
    const left = await this.erasure.eraseThese(ids, endsAt, async (tx, going) => {
      await tx.query('UPDATE erasures SET workflows = workflows + $2 WHERE principal_id = $1', [
        principalId,
        going.size,
      ]);
    });
    this.passes.set(principalId, { last, left: pass.left + left });
    return true;
  }

  private async cancel(id: string): Promise<void> {
    await this.execution.cancel(id).catch((error: unknown) => {
      if (isAway(error)) throw error;
      // It ended by itself, or is gone; where not, it is left for the next pass.
      if (!(error instanceof Problem)) this.logger.warn(`Workflow ${id} could not be cancelled: ${String(error)}`);
    });
  }

  /** @returns false when it has to wait for the end of one of their calls, of a model or a tool; true when it is done, or time is up */
  private async finish(principalId: string, endsAt: number): Promise<boolean> {
    await this.compaction.run();
    for (const statement of MANY) {
      const isDone = await inBatches(
        endsAt,
        async () => (await this.database.query(statement, [principalId])).length < ROWS_AT_ONCE,
      );
      if (!isDone) return true;
    }
    return await this.database.transaction(async (tx) => {
      if ((await awaitingMoney(tx, 'principal_id', [principalId])).size > 0) return false;
      if ((await tx.query(RUNNING_TOOL, [principalId])).length > 0) return false;
      for (const statement of [...FIRST, ...MANY, ...LAST]) await tx.query(statement, [principalId]);
      await tx.query('UPDATE erasures SET completed_at = now() WHERE principal_id = $1', [principalId]);
      return true;
    });
  }
}
