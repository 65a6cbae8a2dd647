import type { EarlyEnd } from '../adaptation/adaptation.rules.js';
import { skipped } from './skipping.rules.js';
import { Injectable } from '@nestjs/common';
import { derivedId } from '../../database/ids.js';
import { storableJson } from '../../database/storable.js';
import { Durable } from '../../durable/durable.service.js';
import { EventFeed } from '../../events/event-feed.js';
import { TreeWriter } from '../run/tree-writer.js';
import type { Failure } from '../run/unfinished.rules.js';
import type { StrategyOutcome, WorkflowRun } from '../run/workflow-run.js';
import { BudgetShares } from './budget-shares.js';
import type { BranchInput } from './plan-execution.js';

const UNMET = `
  SELECT t.goal AS title, w.pace->>'endsEarly' AS ends_early
    FROM thought_trees me
    JOIN workflows w ON w.id = me.root_id
    LEFT JOIN LATERAL (
      SELECT t.goal, t.position FROM jsonb_array_elements_text(me.metadata->'dependencies') d(id)
        JOIN thought_trees t ON t.id = d.id::uuid
       WHERE NOT t.metadata ?| ARRAY['result_from', 'dispensable']) t ON true
   WHERE me.id = $1 AND (t.goal IS NOT NULL OR w.pace ? 'endsEarly') ORDER BY t.position`;

/** An orchestrator that works on a subtask: its rows, its share of its parent's limits, and its end. */
@Injectable()
export class SubOrchestrators {
  constructor(
    private readonly durable: Durable,
    private readonly shares: BudgetShares,
    private readonly tree: TreeWriter,
    private readonly feed: EventFeed,
  ) {}

  /** The run of the orchestrator that takes a subtask on. */
  runOf({ run: parent, thought, agents }: BranchInput): WorkflowRun {
    const orchestratorId = derivedId(thought.thoughtId, 'orchestrator');
    return {
      ...parent,
      orchestratorId,
      thoughtId: thought.thoughtId,
      depth: parent.depth + 1,
      budgetIds: [orchestratorId, ...parent.budgetIds],
      maxConcurrentAgents: agents,
    };
  }

  /** @returns false when the subtask needs what is not there, and is skipped */
  async begin(parent: WorkflowRun, run: WorkflowRun): Promise<boolean> {
    const begun = await this.durable.commit('sub:begin', async (tx) => {
      const unmet = await tx.query<{ title: string | null; ends_early: EarlyEnd | null }>(UNMET, [run.thoughtId]);
      if (unmet.length > 0) {
        const titles = unmet.flatMap(({ title }) => title ?? []);
        await this.tree.skipThought(tx, parent, run.thoughtId, skipped(titles, unmet[0]?.ends_early ?? undefined));
        // By it a retry knows that it has to begin again.
        return { unmet: unmet.length };
      }
      await tx.query(
        `INSERT INTO orchestrators (id, parent_orchestrator_id, thought_tree_id, orchestrator_type, status, max_concurrent_agents)
         VALUES ($1, $2, $3, 'sub', 'active', $4)`,
        [run.orchestratorId, parent.orchestratorId, run.thoughtId, run.maxConcurrentAgents],
      );
      this.tree.startSubtree(tx, run);
      await this.shares.open(tx, parent, run);
      return { ok: true };
    });
    this.feed.announce(run.workflowId);
    return 'ok' in begun;
  }

  /** @returns the failure, when there is one: what becomes of the subtask then is still to be decided */
  async end(parent: WorkflowRun, run: WorkflowRun, outcome: StrategyOutcome): Promise<Failure | undefined> {
    const { failure, contentFrom: resultFrom, warnings } = outcome;
    const status = failure === undefined ? 'completed' : 'failed';
    const ended = await this.durable.commit('sub:end', async (tx) => {
      if (warnings.length > 0) {
        await tx.query('UPDATE workflows SET warnings = warnings || $2::jsonb WHERE id = $1', [
          run.workflowId,
          storableJson(warnings),
        ]);
      }
      await tx.query('UPDATE orchestrators SET status = $2, completed_at = now() WHERE id = $1', [
        run.orchestratorId,
        status,
      ]);
      if (failure === undefined)
        await this.tree.closeThought(tx, parent, run.thoughtId, { status: 'completed', resultFrom });
      else if (resultFrom !== undefined) this.tree.keepResult(tx, run.thoughtId, resultFrom);
      // What an older release ended so is decided: its checkpoint has no such mark.
      return failure === undefined ? null : { isUndecided: true, warnings };
    });
    this.feed.announce(run.workflowId);
    return ended === null ? undefined : failure;
  }
}
