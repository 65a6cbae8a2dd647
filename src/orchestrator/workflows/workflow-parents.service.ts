import { Injectable } from '@nestjs/common';
import { ofOwner, type Owner } from '../../auth/owner.js';
import type { Sql } from '../../database/sql.js';
import { invalid } from '../../http/problem.js';
import { InputErrors } from '../planning/input-fields.rules.js';
import type { Continuation, Inheritance, InheritedSubtask } from '../planning/inputs/inheritance.js';
import { inherit, READ_CHARACTERS } from '../planning/inputs/inheritance.rules.js';
import { readRequest, type ReadableRequest } from '../planning/inputs/request.rules.js';
import { contentOf } from '../../llm/interactions/content.sql.js';
import { RESULT_JOIN } from '../run/run-reader.js';
import { ENDED_STATUSES, type WorkflowStatus } from './workflow.values.js';

interface ParentRow extends ReadableRequest {
  status: WorkflowStatus;
  error: string | null;
  result: string | null;
  result_interaction_id: string | null;
}

/** Subtasks that are looked at; a plan has no more. */
const MAX_SUBTASKS = 500;

/** What a continuation takes over of the workflow it continues. */
@Injectable()
export class WorkflowParents {
  /**
   * In the transaction that accepts the continuation. The parent's row stays locked until then, so it is what it was read as.
   * @param path of the content that names the parent
   * @param owner whose workflows can be continued
   * @throws Problem VALIDATION_ERROR when the parent is not there, or has not ended
   */
  async inherit(tx: Sql, continuation: Continuation, path: string, owner: Owner): Promise<Inheritance> {
    const { parentWorkflowId } = continuation;
    const values: unknown[] = [parentWorkflowId, READ_CHARACTERS.result];
    const own = ofOwner(owner, values, 'w.principal_id = ?');
    const [parent] = await tx.query<ParentRow>(
      `SELECT w.input_type, w.content, w.inheritance, w.status, left(w.result_content, $2) AS result,
              CASE WHEN w.error_code IS NOT NULL THEN w.error_code || ': ' || coalesce(w.error_message, '') END AS error,
              (SELECT i.id FROM llm_interactions i WHERE i.thought_tree_id = w.id AND ${contentOf('i')} = w.result_content
                ORDER BY i.request_timestamp DESC LIMIT 1) AS result_interaction_id
         FROM workflows w WHERE w.id = $1${own} FOR SHARE OF w`,
      values,
    );
    if (parent === undefined) throw invalid(`${path}.parent_workflow_id`, 'names no workflow');
    if (!(ENDED_STATUSES as readonly string[]).includes(parent.status))
      throw invalid(`${path}.parent_workflow_id`, 'names a workflow that has not ended');
    const { brief } = readRequest(parent, new InputErrors());
    const { status, error, result, result_interaction_id: resultInteractionId } = parent;
    const subtasks = continuation.inherits === 'full' ? await this.subtasks(tx, parentWorkflowId) : [];
    return inherit(continuation, { brief, status, error, result, resultInteractionId, subtasks });
  }

  private subtasks(tx: Sql, parentWorkflowId: string): Promise<InheritedSubtask[]> {
    return tx.query<InheritedSubtask>(
      `SELECT t.id AS "thoughtId", i.id AS "interactionId", t.goal AS title, t.status, left(${contentOf('i')}, $2) AS result,
              t.metadata->>'reason' AS reason
         FROM thought_trees t ${RESULT_JOIN} WHERE t.parent_id = $1 ORDER BY t.position, t.id LIMIT ${MAX_SUBTASKS}`,
      [parentWorkflowId, READ_CHARACTERS.subtask],
    );
  }
}
