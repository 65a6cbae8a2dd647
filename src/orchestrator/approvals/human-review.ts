import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { cutTo } from '../../database/cut.rules.js';
import { Database } from '../../database/database.service.js';
import { derivedId } from '../../database/ids.js';
import { Durable } from '../../durable/durable.service.js';
import { contentOf } from '../../llm/interactions/content.sql.js';
import { JOINED_RESULTS } from '../run/results.sql.js';
import { RunGate } from '../run/run-gate.js';
import { HUMAN_REVIEW } from '../run/step-names.js';
import type { StrategyOutcome, WorkflowRun } from '../run/workflow-run.js';
import { Approvals, type Answer } from './approvals.js';

/** Of a result, as the person sees it in the approval; the interaction has it whole. */
const SHOWN_CHARACTERS = 64_000;

/** `require_human_review`: a person agrees to the result before the workflow ends with it. */
@Injectable()
export class HumanReview {
  constructor(
    private readonly durable: Durable,
    private readonly database: Database,
    private readonly approvals: Approvals,
    private readonly gate: RunGate,
  ) {}

  /** The outcome, or a failure that keeps the content when the person says no, or nobody says anything in time. */
  async run(run: WorkflowRun, outcome: StrategyOutcome): Promise<StrategyOutcome> {
    if (!run.settings.requireHumanReview || outcome.failure !== undefined) return outcome;
    const { workflowId, thoughtId } = run;
    const answer = await this.durable.step(HUMAN_REVIEW, async (context) => {
      const stepKey = await this.gate.keyOf(workflowId, context.stepKey);
      const content = await this.contentOf(workflowId, outcome);
      const question = {
        id: derivedId('approval', stepKey),
        workflowId,
        thoughtId,
        kind: 'human_review' as const,
        argumentsHash: createHash('sha256').update(content).digest('hex'),
        parameters: {
          content: cutTo(content, SHOWN_CHARACTERS),
          characters: content.length,
          interaction_id: outcome.contentFrom ?? null,
        },
        reason: 'This workflow ends only with a result that a person has seen.',
      };
      return this.approvals.ask(question, context);
    });
    return answer.status === 'approved' ? outcome : { ...outcome, failure: rejection(answer) };
  }

  private async contentOf(workflowId: string, { contentFrom }: StrategyOutcome): Promise<string> {
    const [row] = await this.database.query<{ content: string }>(
      `SELECT coalesce((SELECT ${contentOf('i')} FROM llm_interactions i WHERE i.id = $2::uuid), ${JOINED_RESULTS}, '') AS content
         FROM workflows WHERE id = $1`,
      [workflowId, contentFrom ?? null],
    );
    return row?.content ?? '';
  }
}

function rejection({ status, comment }: Answer): NonNullable<StrategyOutcome['failure']> {
  const message =
    status === 'expired'
      ? 'Nobody reviewed the result in time.'
      : `A person rejected the result${comment === undefined ? '.' : `: ${comment}`}`;
  return { code: 'REVIEW_REJECTED', message };
}
