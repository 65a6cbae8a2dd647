import { Injectable } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { Database } from '../../database/database.service.js';
import type { Transaction } from '../../database/sql.js';
import { eraseFunctions, holdEnded } from '../../durable/erasure.js';
import { notFound, Problem } from '../../http/problem.js';
import { UsageCompaction } from '../../llm/stats/usage-compaction.js';

/** The last moments of a workflow (its durable function ends after its rows, a call that was aborted is settled) are waited for. */
const PATIENCE_MS = 5_000;
const LOOK_EVERY_MS = 50;

type Outcome = 'erased' | 'unknown' | 'running' | 'ending';

/** Of calls that are not final, which stay for their money: what was said. */
export const WITHOUT_TEXTS = `system_prompt = NULL, prompt_text = '', response_text = NULL, response = NULL, error_message = NULL, session_id = NULL`;

/** An answer that comes later would be written into its row again, and what is not rolled up yet keeps its row for it. */
export async function awaitsMoney(
  tx: Transaction,
  column: 'workflow_id' | 'principal_id',
  id: string,
): Promise<boolean> {
  const rows = await tx.query(
    `SELECT 1 FROM llm_interactions i WHERE ${column} = $1 AND (status = 'sent' OR EXISTS (
       SELECT FROM llm_usage_queue q WHERE q.interaction_id = i.id AND q.final_at <= now())) LIMIT 1`,
    [id],
  );
  return rows.length > 0;
}

/** In this order; what is not here goes with the workflow or its event stream by reference. $1 the workflow. */
const STATEMENTS = [
  `DELETE FROM memories WHERE scope = 'thought_tree' AND scope_key = $1::uuid::text`,
  `DELETE FROM memories WHERE scope = 'agent' AND scope_key IN (
     SELECT a.id::text FROM agents a JOIN thought_trees t ON t.id = a.thought_tree_id WHERE t.root_id = $1::uuid)`,
  `DELETE FROM memories WHERE scope = 'global' AND metadata->>'workflow_id' = $1::uuid::text`,
  'DELETE FROM tool_executions WHERE workflow_id = $1::uuid',
  `DELETE FROM llm_interactions i WHERE i.workflow_id = $1::uuid AND i.status IN ('succeeded', 'failed')
      AND NOT EXISTS (SELECT FROM llm_usage_queue q WHERE q.interaction_id = i.id)`,
  `UPDATE llm_interactions SET ${WITHOUT_TEXTS} WHERE workflow_id = $1::uuid`,
  `DELETE FROM idempotency_keys WHERE workflow_id = $1::uuid
      AND principal_id = (SELECT principal_id FROM workflows WHERE id = $1::uuid)`,
  'UPDATE schedules SET last_workflow_id = NULL WHERE last_workflow_id = $1::uuid',
  'UPDATE triggers SET last_workflow_id = NULL WHERE last_workflow_id = $1::uuid',
  'DELETE FROM event_streams WHERE workflow_id = $1::uuid',
  'DELETE FROM workflows WHERE id = $1::uuid',
] as const;

/**
 * Erases workflows that have ended, each in one transaction: rows, events, and the durable functions with their checkpoints. The money
 * stays true: balances, ledger and roll-ups keep amounts under ids that lead nowhere any more. A workflow that continues another keeps the bounded copy
 * that it was made with.
 */
@Injectable()
export class WorkflowErasure {
  constructor(
    private readonly database: Database,
    private readonly compaction: UsageCompaction,
  ) {}

  /** @throws Problem NOT_FOUND, CONFLICT while it runs */
  async erase(id: string): Promise<void> {
    const deadlineMs = performance.now() + PATIENCE_MS;
    for (;;) {
      const outcome = await this.attempt(id);
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

  /** One try. @param before runs in the transaction that erases it and its durable `functions`, first: their rows are there and change no more */
  async attempt(
    id: string,
    before?: (tx: Transaction, functions: readonly string[]) => Promise<void>,
  ): Promise<Outcome> {
    // What is not rolled up keeps its row, and would lose what it belonged to.
    await this.compaction.run();
    return this.database.transaction(async (tx) => {
      const functions = await holdEnded(tx, id);
      const [workflow] = await tx.query<{ ended: boolean }>(
        'SELECT completed_at IS NOT NULL AS ended FROM workflows WHERE id = $1 FOR UPDATE',
        [id],
      );
      if (workflow === undefined) return 'unknown';
      if (!workflow.ended) return 'running';
      if (functions === undefined || (await awaitsMoney(tx, 'workflow_id', id))) return 'ending';
      await before?.(tx, functions);
      for (const statement of STATEMENTS) await tx.query(statement, [id]);
      await eraseFunctions(tx, functions);
      return 'erased';
    });
  }
}
