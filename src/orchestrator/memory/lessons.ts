import { Injectable } from '@nestjs/common';
import { derivedId } from '../../database/ids.js';
import type { Sql } from '../../database/sql.js';
import type { StrategyOutcome, WorkflowRun } from '../run/workflow-run.js';
import { canTeach, goalKey, lessonOf, type EndedWork } from './lesson.rules.js';
import { MemoryStore } from './memory-store.js';

interface EndRow {
  readonly goal: string;
  readonly quality: number | null;
  readonly subtasks: number;
  readonly retries: number;
  readonly unfinished: EndedWork['unfinished'];
}

/** What workflows learned, one memory a goal: the last word on it stands. */
@Injectable()
export class Lessons {
  constructor(private readonly memories: MemoryStore) {}

  /** To be called in the transaction that ends the workflow, after its rows and events are written. */
  async learn(tx: Sql, run: WorkflowRun, outcome: StrategyOutcome): Promise<void> {
    const { workflowId, principalId, strategy } = run;
    const { failure, warnings } = outcome;
    if (!canTeach({ strategy, failure, warnings })) return;
    const [row] = await tx.query<EndRow>(
      `SELECT root.goal, root.quality_score::double precision AS quality, count(t.id)::int AS subtasks,
              (SELECT coalesce(sum((a.state#>>'{result,retries}')::int), 0)::int
                 FROM thought_trees each JOIN agents a ON a.thought_tree_id = each.id WHERE each.root_id = root.id) AS retries,
              coalesce(jsonb_agg(jsonb_build_object('title', t.goal, 'reason', t.metadata->>'reason') ORDER BY t.position)
                FILTER (WHERE t.status <> 'completed'), '[]') AS unfinished
         FROM thought_trees root LEFT JOIN thought_trees t ON t.parent_id = root.id
        WHERE root.id = $1 GROUP BY root.id`,
      [workflowId],
    );
    if (row === undefined) throw new Error(`Workflow ${workflowId} has no thought.`);
    const { goal, quality, subtasks, retries, unfinished } = row;
    const lesson = lessonOf({
      goal,
      strategy,
      failure,
      warnings,
      subtasks,
      unfinished,
      retries,
      quality: quality ?? 0,
    });
    await this.memories.replace(tx, {
      id: derivedId('lesson', principalId, goalKey(goal)),
      scope: 'global',
      scopeKey: null,
      type: 'learning',
      content: lesson.content,
      // Words that every lesson has would find every lesson.
      subject: goal,
      relevance: lesson.relevance,
      metadata: { workflow_id: workflowId, strategy, success: failure === undefined },
      principalId,
    });
  }
}
