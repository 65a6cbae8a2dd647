import { Injectable } from '@nestjs/common';
import { derivedId } from '../../database/ids.js';
import { Durable } from '../../durable/durable.service.js';
import { Database } from '../../database/database.service.js';
import type { Sql } from '../../database/sql.js';
import type { NewEvent } from '../../events/event-log.js';
import { Problem } from '../../http/problem.js';
import { Prompts, type PromptPair } from '../planning/prompts.js';
import { ResultRoom } from '../planning/result-room.js';
import type { FailedTry } from '../run/agent-attempts.rules.js';
import { outcomeOf, type Unmet } from '../run/agent-call.js';
import { AgentCaller } from '../run/agent-caller.js';
import { progressAt } from '../run/progress.rules.js';
import { RunReader } from '../run/run-reader.js';
import { failedStep } from '../run/step-names.js';
import { TreeWriter } from '../run/tree-writer.js';
import { failureOfProblem, unfinished, type SubtaskEnd, type Unfinished } from '../run/unfinished.rules.js';
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
    private readonly room: ResultRoom,
  ) {}

  async run(run: WorkflowRun): Promise<StrategyOutcome> {
    const { workflowId, thoughtId } = run;
    const agentId = derivedId(thoughtId, 'synthesis');
    const task = { agentId, thoughtId, agentClass: 'content_generation', purpose: 'synthesis' };
    const failedTries: FailedTry[] = [];
    let left: Unfinished | undefined;
    let shortened: string | undefined;
    const prompt = async (): Promise<PromptPair | Unmet> => {
      const [{ results, missing }, leftNow, brief] = await Promise.all([
        this.reader.results(thoughtId),
        this.left(this.database, run),
        this.reader.briefAt(run),
      ]);
      left = leftNow;
      if (results.length === 0) return { unmet: missing };
      const shown = this.room.shown(results, run.settings);
      shortened = shown.warning;
      return this.prompts.synthesis(brief, shown.results, missing);
    };
    const prepare = async (tx: Sql): Promise<void> => {
      if (run.depth > 0) return;
      await tx.query(`UPDATE workflows SET phase = 'finalizing', updated_at = now() WHERE id = $1`, [workflowId]);
    };
    const announced = run.depth > 0 ? [] : [FINALIZING];
    const answered = await this.caller.runToEnd(
      run,
      { ...task, prompt, prepare, announced, failedTries },
      (answer) => ({
        outcome: outcomeOf(answer),
        left,
        shortened,
      }),
    );
    if (!(answered instanceof Problem) && 'outcome' in answered)
      return outcomeWith(answered.outcome, answered.left, answered.shortened);
    const still = await this.durable.commit(failedStep(task.purpose), async (tx) => {
      if (answered instanceof Problem) {
        const failure = failureOfProblem(answered, workflowId);
        await this.tree.failAgent(tx, run, task, { failure, failedTries });
      }
      return (await this.left(tx, run)) ?? null;
    });
    return answered instanceof Problem
      ? outcomeWith({ ok: false, ...failureOfProblem(answered, workflowId) }, still ?? undefined)
      : { contentFrom: undefined, ...endOf(still ?? undefined) };
  }

  /** What is not done of the thought; undefined when every subtask has its result. */
  private async left(sql: Sql, { thoughtId, settings }: WorkflowRun): Promise<Unfinished | undefined> {
    const subtasks = await sql.query<SubtaskEnd>(
      `SELECT t.goal AS title, t.status, t.metadata->>'reason' AS reason, t.metadata->>'code' AS code,
              t.metadata ? 'dispensable' AS "isDispensable", EXISTS (
                SELECT FROM thought_trees needing
                 WHERE needing.parent_id = $1 AND needing.metadata->'dependencies' ? t.id::text) AS "isNeeded"
         FROM thought_trees t WHERE t.parent_id = $1 ORDER BY t.position`,
      [thoughtId],
    );
    return unfinished(subtasks, settings.failureTolerance);
  }
}

const FINALIZING: NewEvent = {
  type: 'workflow.progress',
  data: { progress_percentage: progressAt('finalizing') },
};

type End = Pick<StrategyOutcome, 'failure' | 'warnings'>;

function endOf(left: Unfinished | undefined): End {
  if (left === undefined) return { failure: undefined, warnings: [] };
  return 'failure' in left ? { failure: left.failure, warnings: [] } : { failure: undefined, warnings: [left.warning] };
}

function outcomeWith(outcome: AgentOutcome, left: Unfinished | undefined, shortened?: string): StrategyOutcome {
  const { failure, warnings: ofSubtasks } = endOf(left);
  const warnings = [...ofSubtasks, ...(shortened === undefined ? [] : [shortened])];
  return outcome.ok
    ? { contentFrom: outcome.interactionId, failure, warnings }
    : {
        contentFrom: undefined,
        failure: failure ?? outcome,
        warnings: [...warnings, 'the results of the subtasks were not synthesised'],
      };
}
