import { contentOf } from '../../llm/interactions/content.sql.js';

/**
 * A common table `found` of what was made under a thought ($1), for the inside of a WITH RECURSIVE: its subtasks, and in place of one that
 * was decomposed and made no result of its own, those below it. `place` sorts it as the plans have it; `title` names the way to it.
 * By primary keys and an index: it must not grow with rows.
 */
export const FOUND = `
  found AS (
    SELECT t.id, t.goal AS title, ARRAY[t.position] AS place, t.status, (t.metadata->>'result_from')::uuid AS result_from
      FROM thought_trees t WHERE t.parent_id = $1
    UNION ALL
    SELECT t.id, f.title || ' / ' || t.goal, f.place || t.position, t.status, (t.metadata->>'result_from')::uuid
      FROM found f JOIN thought_trees t ON t.parent_id = f.id WHERE f.result_from IS NULL
  )`;

/** All results under a thought ($1) as one text; NULL when there is none. */
export const JOINED_RESULTS = `
  (WITH RECURSIVE ${FOUND}
   SELECT string_agg('## ' || f.title || E'\\n' || ${contentOf('i')}, E'\\n\\n' ORDER BY f.place)
     FROM found f JOIN llm_interactions i ON i.id = f.result_from)`;
