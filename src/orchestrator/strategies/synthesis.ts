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
import type { AgentOutcome, StrategyOutcome, WorkflowRun } from '../run/workflow-run.js';

/** Named in an error message. */
const MOST_TITLES = 5;

type Failure = NonNullable<StrategyOutcome['failure']>;

interface SubtaskEnd {
  readonly title: string;
  readonly status: string;
  readonly reason: string | null;
  readonly code: string | null;
}

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
        : this.prompts.synthesis(await this.reader.brief(workflowId), results, missing);
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
      if (answered instanceof Problem) await this.tree.failAgent(tx, run, task, failureOfProblem(answered));
      return (await this.unfinished(tx, thoughtId)) ?? null;
    });
    return answered instanceof Problem
      ? outcomeWith({ ok: false, ...failureOfProblem(answered) }, failure ?? undefined)
      : { contentFrom: undefined, failure: failure ?? undefined, warnings: [] };
  }

  /** Why the thought cannot be a success any more; undefined when every subtask has its result. */
  private async unfinished(sql: Sql, parentId: string): Promise<Failure | undefined> {
    const subtasks = await sql.query<SubtaskEnd>(
      `SELECT t.goal AS title, t.status, t.metadata->>'reason' AS reason, a.state#>>'{result,error,code}' AS code
         FROM thought_trees t LEFT JOIN agents a ON a.thought_tree_id = t.id AND a.status = 'failed'
        WHERE t.parent_id = $1 ORDER BY t.position`,
      [parentId],
    );
    const missing = subtasks.filter(({ status }) => status !== 'completed');
    if (missing.length === 0) return undefined;
    const cause = missing.find(({ code }) => code !== null) ?? missing[0];
    const titles = missing.slice(0, MOST_TITLES).map(({ title }) => title);
    const message = `${missing.length} of ${subtasks.length} subtasks have no result (${titles.join(', ')}). ${cause?.reason ?? ''}`;
    return { code: cause?.code ?? 'SUBTASKS_UNFINISHED', message: message.trim() };
  }
}

const failureOfProblem = ({ code, detail }: Problem): Failure => ({ code, message: detail });

const outcomeWith = (outcome: AgentOutcome, unfinished: Failure | undefined): StrategyOutcome =>
  outcome.ok
    ? { contentFrom: outcome.interactionId, failure: unfinished, warnings: [] }
    : {
        contentFrom: undefined,
        failure: unfinished ?? outcome,
        warnings: ['the results of the subtasks were not synthesised'],
      };
