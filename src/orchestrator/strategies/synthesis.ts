import { Injectable } from '@nestjs/common';
import { derivedId } from '../../database/ids.js';
import { Durable } from '../../durable/durable.service.js';
import { Database } from '../../database/database.service.js';
import type { Sql } from '../../database/sql.js';
import { Problem } from '../../http/problem.js';
import { Prompts, type PromptPair } from '../planning/prompts.js';
import { AgentCaller, outcomeOf, type Unmet } from '../run/agent-caller.js';
import { RunReader } from '../run/run-reader.js';
import { TreeWriter } from '../run/tree-writer.js';
import { failureOfProblem, unfinishedFailure, type Failure, type SubtaskEnd } from '../run/unfinished.rules.js';
import type { AgentOutcome, StrategyOutcome, WorkflowRun } from '../run/workflow-run.js';

/** Makes one answer out of the results of the subtasks, also when some are missing. */
@Injectable()
export class Synthesis {
  constructor(
    private readonly database: Database,
    private readonly durable: Durable,
    private readonly caller: AgentCaller,
    private readonly tree: TreeWriter,
    private readonly reader: RunReader,
    private readonly prompts: Prompts,
  ) {}

  async run(run: WorkflowRun): Promise<StrategyOutcome> {
    const { workflowId, thoughtId } = run;
    const agentId = derivedId(thoughtId, 'synthesis');
    const task = { agentId, thoughtId, agentClass: 'content_generation', purpose: 'synthesis' };
    let unfinished: Failure | undefined;
    const prompt = async (): Promise<PromptPair | Unmet> => {
      const { results, missing } = await this.reader.results(thoughtId);
      unfinished = await this.unfinished(this.database, thoughtId);
      return results.length === 0
        ? { unmet: missing }
        : this.prompts.synthesis(await this.reader.brief(workflowId, thoughtId), results, missing);
    };
    const prepare = async (tx: Sql): Promise<void> => {
      if (run.depth > 0) return;
      await tx.query(`UPDATE workflows SET phase = 'finalizing', updated_at = now() WHERE id = $1`, [workflowId]);
    };
    const answered = await this.caller.runToEnd(run, { ...task, prompt, prepare }, (answer) => ({
      outcome: outcomeOf(answer),
      unfinished,
    }));
    if (!(answered instanceof Problem) && 'outcome' in answered)
      return outcomeWith(answered.outcome, answered.unfinished);
    const failure = await this.durable.commit('synthesis:failed', async (tx) => {
      if (answered instanceof Problem) await this.tree.failAgent(tx, run, task, failureOfProblem(answered, workflowId));
      return (await this.unfinished(tx, thoughtId)) ?? null;
    });
    return answered instanceof Problem
      ? outcomeWith({ ok: false, ...failureOfProblem(answered, workflowId) }, failure ?? undefined)
      : { contentFrom: undefined, failure: failure ?? undefined, warnings: [] };
  }

  /** Why the thought cannot be a success any more; undefined when every subtask has its result. */
  private async unfinished(sql: Sql, parentId: string): Promise<Failure | undefined> {
    const subtasks = await sql.query<SubtaskEnd>(
      `SELECT goal AS title, status, metadata->>'reason' AS reason, metadata->>'code' AS code
         FROM thought_trees WHERE parent_id = $1 ORDER BY position`,
      [parentId],
    );
    return unfinishedFailure(subtasks);
  }
}

const outcomeWith = (outcome: AgentOutcome, unfinished: Failure | undefined): StrategyOutcome =>
  outcome.ok
    ? { contentFrom: outcome.interactionId, failure: unfinished, warnings: [] }
    : {
        contentFrom: undefined,
        failure: unfinished ?? outcome,
        warnings: ['the results of the subtasks were not synthesised'],
      };
