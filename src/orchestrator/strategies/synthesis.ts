import { Injectable } from '@nestjs/common';
import { derivedId } from '../../database/ids.js';
import { Durable } from '../../durable/durable.service.js';
import { synthesisPrompt } from '../planning/prompts.js';
import { AgentCaller } from '../run/agent-caller.js';
import { RunReader } from '../run/run-reader.js';
import { TreeWriter } from '../run/tree-writer.js';
import type { StrategyOutcome, WorkflowRun } from '../run/workflow-run.js';

interface Tally {
  readonly completed: number;
  readonly unfinished: readonly { title: string; reason: string | null; code: string | null }[];
}

/** Makes one answer out of the results of the subtasks, also when some are missing. */
@Injectable()
export class Synthesis {
  constructor(
    private readonly durable: Durable,
    private readonly caller: AgentCaller,
    private readonly tree: TreeWriter,
    private readonly reader: RunReader,
  ) {}

  async run(run: WorkflowRun): Promise<StrategyOutcome> {
    const task = { agentId: derivedId(run.workflowId, 'synthesis'), thoughtId: run.workflowId, purpose: 'synthesis' };
    const tally = await this.durable.commit('synthesis:start', async (tx): Promise<Tally> => {
      const rows = await tx.query<{ title: string; status: string; reason: string | null; code: string | null }>(
        `SELECT t.goal AS title, t.status, t.metadata->>'reason' AS reason, a.state#>>'{result,error,code}' AS code
           FROM thought_trees t LEFT JOIN agents a ON a.thought_tree_id = t.id AND a.status = 'failed'
          WHERE t.parent_id = $1 ORDER BY t.position`,
        [run.workflowId],
      );
      const unfinished = rows.filter(({ status }) => status !== 'completed');
      const completed = rows.length - unfinished.length;
      await tx.query(`UPDATE workflows SET phase = 'finalizing', updated_at = now() WHERE id = $1`, [run.workflowId]);
      if (completed > 0) await this.tree.spawnAgent(tx, run, task, 'content_generation');
      return { completed, unfinished };
    });
    const failure = failureOf(tally);
    if (tally.completed === 0) return { contentFrom: undefined, failure, warnings: [] };
    const outcome = await this.caller.runToEnd(run, {
      ...task,
      prompt: async () => {
        const { results, missing } = await this.reader.results(run.workflowId);
        return synthesisPrompt(await this.reader.brief(run.workflowId), results, missing);
      },
    });
    return outcome.ok
      ? { contentFrom: outcome.interactionId, failure, warnings: [] }
      : {
          contentFrom: undefined,
          failure: failure ?? outcome,
          warnings: ['the results of the subtasks were not synthesised'],
        };
  }
}

function failureOf({ completed, unfinished }: Tally): StrategyOutcome['failure'] {
  if (unfinished.length === 0) return undefined;
  const cause = unfinished.find(({ code }) => code !== null) ?? unfinished[0];
  return {
    code: cause?.code ?? 'SUBTASKS_UNFINISHED',
    message: `${unfinished.length} of ${completed + unfinished.length} subtasks have no result (${unfinished
      .map(({ title }) => title)
      .slice(0, 5)
      .join(', ')}). ${cause?.reason ?? ''}`.trim(),
  };
}
