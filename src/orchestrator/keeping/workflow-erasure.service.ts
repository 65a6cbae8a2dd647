import { Injectable, Logger } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { isOfSystem } from '../../config/error-code.js';
import { isAway } from '../../database/connection-errors.js';
import { Database } from '../../database/database.service.js';
import type { Transaction } from '../../database/sql.js';
import { eraseFunctions, holdEnded } from '../../durable/erasure.js';
import { exactTime } from '../../http/cursor.js';
import { notFound, Problem } from '../../http/problem.js';
import { UsageCompaction } from '../../llm/stats/usage-compaction.js';

/** The last moments of a workflow (its durable function ends after its rows, a call that was aborted is settled) are waited for. */
const PATIENCE_MS = 5_000;
const LOOK_EVERY_MS = 50;

/** Bounds what one transaction deletes. */
const EVENTS_AT_ONCE = 20_000;

type Outcome = 'erased' | 'unknown' | 'running' | 'ending';

/** Of calls that are not final, which stay for their money: what was said. */
export const WITHOUT_TEXTS = `system_prompt = NULL, prompt_text = '', response_text = NULL, response = NULL, error_message = NULL, session_id = NULL`;

/**
 * Which of these workflows or principals cannot be erased yet: one of their calls is under way, whose answer would be written into the
 * erased row, or is final and not yet in the totals, which are rolled up from its row.
 */
export async function awaitingMoney(
  tx: Transaction,
  column: 'workflow_id' | 'principal_id',
  ids: readonly string[],
): Promise<Set<string>> {
  const rows = await tx.query<{ id: string }>(
    `SELECT ${column} AS id FROM llm_interactions i WHERE ${column} = ANY($1) AND (status = 'sent' OR EXISTS (
       SELECT FROM llm_usage_queue q WHERE q.interaction_id = i.id AND q.final_at <= now())) GROUP BY 1`,
    [ids],
  );
  return new Set(rows.map(({ id }) => id));
}

/**
 * The first of the workflows of a query that are to be erased together, in its order: as many as have not too many events, and at least one.
 * Answers their places in that order, for who asks for those behind them.
 * @param workflows a query of `id` and `created_at` in the order of both
 */
export const together = (workflows: string): string =>
  `SELECT id, ${exactTime('created_at')} AS at FROM (
     SELECT w.id, w.created_at, row_number() OVER oldest AS number, sum(coalesce(s.last_seq, 0)) OVER oldest AS events
       FROM (${workflows}) w LEFT JOIN event_streams s ON s.workflow_id = w.id
     WINDOW oldest AS (ORDER BY w.created_at, w.id)) numbered
   WHERE number = 1 OR events <= ${EVENTS_AT_ONCE} ORDER BY number`;

/** In this order; what is not here goes with the workflow or its event stream by reference. $1 the workflows. */
const STATEMENTS = [
  `DELETE FROM memories WHERE scope = 'thought_tree' AND scope_key = ANY($1::uuid[]::text[])`,
  `DELETE FROM memories WHERE scope = 'agent' AND scope_key IN (
     SELECT a.id::text FROM agents a JOIN thought_trees t ON t.id = a.thought_tree_id WHERE t.root_id = ANY($1::uuid[]))`,
  `DELETE FROM memories WHERE scope = 'global' AND metadata->>'workflow_id' = ANY($1::uuid[]::text[])`,
  'DELETE FROM tool_executions WHERE workflow_id = ANY($1::uuid[])',
  `DELETE FROM llm_interactions i WHERE i.workflow_id = ANY($1::uuid[]) AND i.status IN ('succeeded', 'failed')
      AND NOT EXISTS (SELECT FROM llm_usage_queue q WHERE q.interaction_id = i.id)`,
  `UPDATE llm_interactions SET ${WITHOUT_TEXTS} WHERE workflow_id = ANY($1::uuid[])`,
  `DELETE FROM idempotency_keys k USING workflows w
    WHERE w.id = ANY($1::uuid[]) AND k.workflow_id = w.id AND k.principal_id = w.principal_id`,
  // In the order in which an event takes its triggers.
  `UPDATE schedules SET last_workflow_id = NULL
    WHERE id IN (SELECT id FROM schedules WHERE last_workflow_id = ANY($1::uuid[]) ORDER BY id FOR UPDATE)`,
  `UPDATE triggers SET last_workflow_id = NULL
    WHERE id IN (SELECT id FROM triggers WHERE last_workflow_id = ANY($1::uuid[]) ORDER BY id FOR UPDATE)`,
  'DELETE FROM event_streams WHERE workflow_id = ANY($1::uuid[])',
  'DELETE FROM workflows WHERE id = ANY($1::uuid[])',
] as const;

/** Nobody changes what is archived between its copy and its end. */
const HOLD_THOUGHTS = 'SELECT FROM thought_trees WHERE root_id = ANY($1::uuid[]) ORDER BY id FOR UPDATE';

/** What is to be done with those that go, in the transaction that erases them, before it: with the ids of their durable functions. */
export type BeforeErasing = (tx: Transaction, going: ReadonlyMap<string, readonly string[]>) => Promise<void>;

/**
 * Erases workflows that have ended, each with all that is its own in one transaction: rows, events, and the durable functions with their checkpoints. The money
 * stays true: balances, ledger and roll-ups keep amounts under ids that lead nowhere any more. A workflow that continues another keeps the bounded copy
 * that it was made with.
 */
@Injectable()
export class WorkflowErasure {
  private readonly logger = new Logger(WorkflowErasure.name);

  constructor(
    private readonly database: Database,
    private readonly compaction: UsageCompaction,
  ) {}

  /** @throws Problem NOT_FOUND, CONFLICT while it runs */
  async erase(id: string): Promise<void> {
    const deadlineMs = performance.now() + PATIENCE_MS;
    for (;;) {
      const outcome = (await this.attempt([id])).get(id);
      if (outcome === 'erased') return;
      if (outcome === 'unknown') throw notFound(`Workflow ${id}`);
      if (outcome === 'running') {
        throw new Problem('CONFLICT', `Workflow ${id} has not ended; cancel it first, or wait for its end.`);
      }
      if (performance.now() > deadlineMs) {
        throw new Problem(
          'CONFLICT',
          `Workflow ${id} is just ending, or what it cost is being added up; erase it in a few seconds.`,
        );
      }
      await sleep(LOOK_EVERY_MS);
    }
  }

  /**
   * As many of them as can go, together; when that fails, one by one until `endsAt`, so that one that cannot be erased keeps no other.
   * @returns how many are left
   * @throws when it is the database that is away, or the archive that cannot be written
   */
  async eraseThese(ids: readonly string[], endsAt: number, before: BeforeErasing): Promise<number> {
    try {
      const outcomes = await this.attempt(ids, before);
      return [...outcomes.values()].filter((outcome) => outcome === 'running' || outcome === 'ending').length;
    } catch (error) {
      // A file, a socket or the database failed, which no other workflow would find better.
      if (isAway(error) || isOfSystem(error)) throw error;
      if (ids.length === 1) {
        this.logger.warn(`Workflow ${ids.join()} could not be erased and is tried again: ${String(error)}`);
        return 1;
      }
      let left = 0;
      for (const id of ids) left += performance.now() < endsAt ? await this.eraseThese([id], endsAt, before) : 1;
      return left;
    }
  }

  /** One try, in one transaction. `before` runs when there is any that goes: its rows are there then, and change no more. */
  private async attempt(ids: readonly string[], before?: BeforeErasing): Promise<Map<string, Outcome>> {
    // What is not rolled up keeps its row, and would lose what it belonged to.
    await this.compaction.run();
    return this.database.transaction(async (tx) => {
      const functions = await holdEnded(tx, ids);
      const workflows = await tx.query<{ id: string; ended: boolean }>(
        'SELECT id, completed_at IS NOT NULL AS ended FROM workflows WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE',
        [ids],
      );
      const awaiting = await awaitingMoney(tx, 'workflow_id', ids);
      const outcomes = new Map<string, Outcome>(ids.map((id) => [id, 'unknown']));
      const going = new Map<string, readonly string[]>();
      for (const { id, ended } of workflows) {
        const own = awaiting.has(id) ? undefined : functions.get(id);
        outcomes.set(id, !ended ? 'running' : own === undefined ? 'ending' : 'erased');
        if (ended && own !== undefined) going.set(id, own);
      }
      if (going.size === 0) return outcomes;
      await tx.query(HOLD_THOUGHTS, [[...going.keys()]]);
      await before?.(tx, going);
      for (const statement of STATEMENTS) await tx.query(statement, [[...going.keys()]]);
      await eraseFunctions(tx, [...going.values()].flat());
      return outcomes;
    });
  }
}
