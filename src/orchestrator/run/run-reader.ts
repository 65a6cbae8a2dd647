import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.service.js';
import type { PlannedSubtask } from '../planning/plan.rules.js';
import { briefText, type SubtaskResult } from '../planning/prompts.js';
import { InputErrors, readBrief } from '../planning/workflow-input.rules.js';
import type { InputType } from '../workflows/workflow.values.js';

type Json = Readonly<Record<string, unknown>>;

/** What the prompts of a running workflow are made of. Reads rows, so it is for the inside of steps only. */
@Injectable()
export class RunReader {
  constructor(private readonly database: Database) {}

  async brief(workflowId: string): Promise<string> {
    const [row] = await this.database.query<{ input_type: InputType; content: Json; contexts: Json }>(
      `SELECT input_type, content, jsonb_strip_nulls(jsonb_build_object(
                'domain', nullif(domain_context, '{}'), 'user', nullif(user_context, '{}'),
                'historical', nullif(historical_context, '{}'))) AS contexts
         FROM workflows WHERE id = $1`,
      [workflowId],
    );
    if (row === undefined) throw new Error(`Workflow ${workflowId} has no row.`);
    return briefText(readBrief(row.input_type, row.content, new InputErrors()), row.contexts);
  }

  async subtask(thoughtId: string): Promise<Pick<PlannedSubtask, 'title' | 'instructions' | 'kind'>> {
    const [row] = await this.database.query<Pick<PlannedSubtask, 'title' | 'instructions' | 'kind'>>(
      `SELECT goal AS title, metadata->>'instructions' AS instructions, metadata->>'kind' AS kind FROM thought_trees WHERE id = $1`,
      [thoughtId],
    );
    if (row === undefined) throw new Error(`Thought ${thoughtId} has no row.`);
    return row;
  }

  /** Results of the subtasks this one depends on, in the plan's order. */
  async resultsBefore(thoughtId: string): Promise<SubtaskResult[]> {
    return this.database.query<SubtaskResult>(
      `SELECT t.goal AS title, i.response_text AS content
         FROM thought_trees me
         JOIN thought_trees t ON t.id IN (SELECT d::uuid FROM jsonb_array_elements_text(me.metadata->'dependencies') d)
         ${RESULT_JOINS}
        WHERE me.id = $1 ORDER BY t.position`,
      [thoughtId],
    );
  }

  async results(workflowId: string): Promise<{ results: SubtaskResult[]; missing: string[] }> {
    const rows = await this.database.query<{ title: string; content: string | null }>(
      `SELECT t.goal AS title, i.response_text AS content FROM thought_trees t LEFT ${RESULT_JOINS}
        WHERE t.parent_id = $1 ORDER BY t.position`,
      [workflowId],
    );
    return {
      results: rows.flatMap(({ title, content }) => (content === null ? [] : [{ title, content }])),
      missing: rows.flatMap(({ title, content }) => (content === null ? [title] : [])),
    };
  }
}

const RESULT_JOINS = `JOIN (agents a JOIN llm_interactions i ON i.id = (a.state#>>'{result,interaction_id}')::uuid)
                        ON a.thought_tree_id = t.id AND a.status = 'completed'`;
