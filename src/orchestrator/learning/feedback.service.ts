import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.service.js';
import { storableText } from '../../database/storable.js';
import { notFound, Problem } from '../../http/problem.js';
import type { GivenFeedback, GiveFeedback } from './learning.dto.js';
import { OutcomeRecorder } from './outcome-recorder.js';

/** What people think of ended workflows; it changes their usefulness, and what is learned from them. */
@Injectable()
export class FeedbackService {
  constructor(
    private readonly database: Database,
    private readonly outcomes: OutcomeRecorder,
  ) {}

  /**
   * One feedback a principal, the last one counts. Two at once wait for each other on the row of the workflow, so none is lost.
   * @throws Problem NOT_FOUND, CONFLICT while it has not ended, or when it did nothing but register a schedule
   */
  async give(workflowId: string, principalId: string, { score, comment }: GiveFeedback): Promise<GivenFeedback> {
    const scores = await this.database.transaction(async (tx) => {
      const [workflow] = await tx.query<{ has_ended: boolean; has_registered: boolean }>(
        `SELECT completed_at IS NOT NULL AS has_ended, registered IS NOT NULL AS has_registered FROM workflows
          WHERE id = $1 FOR NO KEY UPDATE`,
        [workflowId],
      );
      if (workflow === undefined) throw notFound(`Workflow ${workflowId}`);
      if (!workflow.has_ended) {
        throw new Problem('CONFLICT', `Workflow ${workflowId} has not ended; feedback is for what it brought.`);
      }
      if (workflow.has_registered) {
        throw new Problem(
          'CONFLICT',
          `Workflow ${workflowId} registered a schedule; feedback is for what that starts.`,
        );
      }
      await tx.query(
        `INSERT INTO workflow_feedback (workflow_id, principal_id, score, comment) VALUES ($1, $2, $3, $4)
         ON CONFLICT (workflow_id, principal_id) DO UPDATE SET score = excluded.score, comment = excluded.comment, updated_at = now()`,
        [workflowId, principalId, score, typeof comment === 'string' ? storableText(comment) : null],
      );
      return this.outcomes.reweigh(tx, workflowId);
    });
    return {
      workflow_id: workflowId,
      score,
      comment: comment ?? null,
      scores,
      timestamp: new Date().toISOString(),
    };
  }
}
