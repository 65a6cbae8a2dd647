import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.service.js';
import { contentOf } from '../../llm/interactions/content.sql.js';
import type { PlannedSubtask, TaskKind } from '../planning/plan.rules.js';
import { Prompts, type SharedBrief, type SubtaskResult } from '../planning/prompts.js';
import { InputErrors } from '../planning/input-fields.rules.js';
import { restUnder } from '../planning/inputs/content-parts.rules.js';
import { readRequest, type ReadableRequest } from '../planning/inputs/request.rules.js';

type Json = Readonly<Record<string, unknown>>;

interface SubtaskRow {
  my_title: string;
  instructions: string;
  kind: TaskKind;
  title: string | null;
  content: string | null;
}

interface SubtaskMaterial {
  readonly subtask: Pick<PlannedSubtask, 'title' | 'instructions' | 'kind'>;
  readonly earlier: readonly SubtaskResult[];
  readonly unmet: readonly string[];
}

/** What the prompts of a running workflow are made of. Reads rows, so it is for the inside of steps only. */
@Injectable()
export class RunReader {
  constructor(
    private readonly database: Database,
    private readonly prompts: Prompts,
  ) {}

  /** What all agents of a workflow are told of it. */
  async brief(workflowId: string): Promise<SharedBrief> {
    const [row] = await this.database.query<ReadableRequest & { contexts: Json }>(
      `SELECT input_type, content, inheritance, jsonb_strip_nulls(jsonb_build_object(
                'domain', nullif(domain_context, '{}'), 'user', nullif(user_context, '{}'),
                'historical', nullif(historical_context, '{}'))) AS contexts
         FROM workflows WHERE id = $1`,
      [workflowId],
    );
    if (row === undefined) throw new Error(`Workflow ${workflowId} has no row.`);
    const { brief } = readRequest(row, new InputErrors());
    return this.prompts.brief(brief, { ...row.contexts, ...restUnder('input', brief.context) });
  }

  /** A subtask with the results it builds on, in the plan's order, and the titles of those that are not there. */
  async subtask(thoughtId: string): Promise<SubtaskMaterial> {
    const rows = await this.database.query<SubtaskRow>(
      `SELECT me.goal AS my_title, me.metadata->>'instructions' AS instructions, me.metadata->>'kind' AS kind,
              t.goal AS title, ${contentOf('i')} AS content
         FROM thought_trees me
         LEFT JOIN LATERAL jsonb_array_elements_text(me.metadata->'dependencies') d(id) ON true
         LEFT JOIN thought_trees t ON t.id = d.id::uuid
         ${RESULT_JOINS}
        WHERE me.id = $1 ORDER BY t.position`,
      [thoughtId],
    );
    const [me] = rows;
    if (me === undefined) throw new Error(`Thought ${thoughtId} has no row.`);
    return {
      subtask: { title: me.my_title, instructions: me.instructions, kind: me.kind },
      earlier: rows.flatMap(({ title, content }) => (title === null || content === null ? [] : [{ title, content }])),
      unmet: rows.flatMap(({ title, content }) => (title === null || content !== null ? [] : [title])),
    };
  }

  /** The results of all subtasks of a thought, and the titles of those without one. */
  async results(parentId: string): Promise<{ results: SubtaskResult[]; missing: string[] }> {
    const rows = await this.database.query<{ title: string; content: string | null }>(
      `SELECT t.goal AS title, ${contentOf('i')} AS content FROM thought_trees t ${RESULT_JOINS}
        WHERE t.parent_id = $1 ORDER BY t.position`,
      [parentId],
    );
    return {
      results: rows.flatMap(({ title, content }) => (content === null ? [] : [{ title, content }])),
      missing: rows.flatMap(({ title, content }) => (content === null ? [title] : [])),
    };
  }
}

/** The answer of the agent that did a thought; NULL while there is none. By primary keys and an index: it must not grow with rows. */
export const RESULT_JOINS = `LEFT JOIN agents a ON a.thought_tree_id = t.id AND a.status = 'completed'
         LEFT JOIN llm_interactions i ON i.id = (a.state#>>'{result,interaction_id}')::uuid`;
