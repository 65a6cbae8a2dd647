import { Injectable } from '@nestjs/common';
import { derivedId } from '../../database/ids.js';
import { Durable } from '../../durable/durable.service.js';
import { subtaskPrompt } from '../planning/prompts.js';
import { AgentCaller } from '../run/agent-caller.js';
import { RunReader } from '../run/run-reader.js';
import { TreeWriter } from '../run/tree-writer.js';
import type { AgentOutcome, WorkflowRun } from '../run/workflow-run.js';

/** The one way every strategy runs a subtask of its plan. */
@Injectable()
export class Subtasks {
  constructor(
    private readonly durable: Durable,
    private readonly caller: AgentCaller,
    private readonly tree: TreeWriter,
    private readonly reader: RunReader,
  ) {}

  /** Runs a subtask whose dependencies have ended; skips it when one of them has no result. `run` may be of another process. */
  async run(run: WorkflowRun, thoughtId: string): Promise<AgentOutcome> {
    const task = { agentId: derivedId(thoughtId, 'agent'), thoughtId, purpose: 'subtask' };
    const unmet = await this.durable.commit('subtask:start', async (tx) => {
      const [row] = await tx.query<{ kind: string; unmet: string[] }>(
        `SELECT metadata->>'kind' AS kind,
                ARRAY(SELECT d.goal FROM thought_trees d
                       WHERE d.id IN (SELECT e::uuid FROM jsonb_array_elements_text(t.metadata->'dependencies') e)
                         AND d.status <> 'completed' ORDER BY d.position) AS unmet
           FROM thought_trees t WHERE t.id = $1`,
        [thoughtId],
      );
      if (row === undefined) throw new Error(`Thought ${thoughtId} has no row.`);
      if (row.unmet.length > 0) {
        await this.tree.skipThought(tx, run, thoughtId, `no result of: ${row.unmet.join(', ')}`);
        return row.unmet;
      }
      await this.tree.startThought(tx, run, thoughtId);
      await this.tree.spawnAgent(tx, run, task, row.kind);
      return [];
    });
    if (unmet.length > 0)
      return { ok: false, code: 'DEPENDENCY_FAILED', message: `No result of: ${unmet.join(', ')}.` };
    return this.caller.runToEnd(run, {
      ...task,
      prompt: async () =>
        subtaskPrompt(
          await this.reader.brief(run.workflowId),
          await this.reader.subtask(thoughtId),
          await this.reader.resultsBefore(thoughtId),
        ),
    });
  }
}
