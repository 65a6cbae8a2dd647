import type { EarlyEnd } from '../adaptation/adaptation.rules.js';
import { Injectable } from '@nestjs/common';
import { Database } from '../../database/database.service.js';
import { contentOf } from '../../llm/interactions/content.sql.js';
import type { PlannedSubtask, TaskKind } from '../planning/plan.rules.js';
import { Prompts, type SharedBrief } from '../planning/prompts.js';
import { ResultRoom } from '../planning/result-room.js';
import type { SubtaskResult } from '../planning/result-room.rules.js';
import { InputErrors } from '../planning/input-fields.rules.js';
import { restUnder } from '../planning/inputs/content-parts.rules.js';
import { readRequest, type ReadableRequest } from '../planning/inputs/request.rules.js';
import { RecursivePrompts, type PathPart } from '../planning/recursive-prompts.js';
import { FOUND } from './results.sql.js';
import type { WorkflowRun } from './workflow-run.js';

type Json = Readonly<Record<string, unknown>>;

interface SubtaskRow {
  my_title: string;
  instructions: string;
  kind: TaskKind;
  title: string | null;
  content: string | null;
  is_dispensable: boolean | null;
  ends_early: EarlyEnd | null;
  is_settled: boolean;
  result_from: string | null;
}

interface SubtaskMaterial {
  readonly subtask: Pick<PlannedSubtask, 'title' | 'instructions' | 'kind'>;
  readonly earlier: readonly SubtaskResult[];
  /** Titles; what was decided to do without is not among them. */
  readonly unmet: readonly string[];
  /** Why it is not begun any more; undefined when it has begun. */
  readonly endsEarly: EarlyEnd | undefined;
  /** That it has ended, before a retry began it again: with its result, or as one that is done without. */
  readonly settled: SettledSubtask | undefined;
}

export interface SettledSubtask {
  /** Null: it is done without. */
  readonly interactionId: string | null;
}

/** What the prompts of a running workflow are made of. Reads rows, so it is for the inside of steps only. */
@Injectable()
export class RunReader {
  constructor(
    private readonly database: Database,
    private readonly prompts: Prompts,
    private readonly recursive: RecursivePrompts,
    private readonly room: ResultRoom,
  ) {}

  /** What all agents of an orchestrator are told: the brief of the workflow, and below its root the way to the thought that is worked on. */
  async briefAt({ workflowId, thoughtId, settings }: WorkflowRun): Promise<SharedBrief> {
    const brief = await this.brief(workflowId);
    if (thoughtId === workflowId) return brief;
    const path = await this.database.query<PathPart>(PATH, [thoughtId]);
    const { earlier } = await this.subtask(thoughtId);
    return this.recursive.withPath(brief, path, this.room.shown(earlier, settings).results);
  }

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
              t.goal AS title, ${contentOf('i')} AS content, t.metadata ? 'dispensable' AS is_dispensable,
              CASE WHEN me.status = 'pending' THEN w.pace->>'endsEarly' END AS ends_early,
              me.status = 'completed' OR me.metadata ? 'dispensable' AS is_settled, me.metadata->>'result_from' AS result_from
         FROM thought_trees me JOIN workflows w ON w.id = me.root_id
         LEFT JOIN LATERAL jsonb_array_elements_text(me.metadata->'dependencies') d(id) ON true
         LEFT JOIN LATERAL (SELECT goal, metadata, position FROM thought_trees WHERE id = d.id::uuid LIMIT 1) t ON true
         ${RESULT_JOIN}
        WHERE me.id = $1 ORDER BY t.position`,
      [thoughtId],
    );
    const [me] = rows;
    if (me === undefined) throw new Error(`Thought ${thoughtId} has no row.`);
    return {
      subtask: { title: me.my_title, instructions: me.instructions, kind: me.kind },
      earlier: rows.flatMap(({ title, content }) => (title === null || content === null ? [] : [{ title, content }])),
      unmet: rows.flatMap(({ title, content, is_dispensable }) =>
        title === null || content !== null || is_dispensable === true ? [] : [title],
      ),
      endsEarly: me.ends_early ?? undefined,
      settled: me.is_settled ? { interactionId: me.result_from } : undefined,
    };
  }

  /**
   * The results of all subtasks of a thought, and the titles of those without one. Where a subtask that was decomposed has none of its
   * own, what was made below it stands for it.
   */
  async results(parentId: string): Promise<{ results: SubtaskResult[]; missing: string[] }> {
    const rows = await this.database.query<{ title: string; content: string | null }>(RESULTS, [parentId]);
    return {
      results: rows.flatMap(({ title, content }) => (content === null ? [] : [{ title, content }])),
      missing: rows.flatMap(({ title, content }) => (content === null ? [title] : [])),
    };
  }
}

/** The answer that is a thought's result; NULL while there is none. By primary keys: it must not grow with rows. */
export const RESULT_JOIN = `LEFT JOIN llm_interactions i ON i.id = (t.metadata->>'result_from')::uuid`;

/** From the subtask below the root to a thought ($1). */
const PATH = `
  WITH RECURSIVE way AS (
    SELECT id, parent_id, goal, depth, metadata FROM thought_trees WHERE id = $1
    UNION ALL
    SELECT t.id, t.parent_id, t.goal, t.depth, t.metadata FROM way w JOIN thought_trees t ON t.id = w.parent_id
  )
  SELECT goal AS title, metadata->>'instructions' AS instructions FROM way WHERE parent_id IS NOT NULL ORDER BY depth`;

const RESULTS = `
  WITH RECURSIVE ${FOUND}
  SELECT f.title, ${contentOf('i')} AS content FROM found f LEFT JOIN llm_interactions i ON i.id = f.result_from
   WHERE f.result_from IS NOT NULL OR NOT EXISTS (SELECT FROM thought_trees c WHERE c.parent_id = f.id)
   ORDER BY f.place`;
