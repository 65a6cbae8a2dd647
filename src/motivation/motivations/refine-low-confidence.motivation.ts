import { Injectable } from '@nestjs/common';
import type { Sql } from '../../database/sql.js';
import { contentOf } from '../../llm/interactions/content.sql.js';
import { ago, counted, oneLine, quotes } from './evidence-text.rules.js';
import type { Evidence, EvidenceRow, Outlook, Proposal } from './motivation.js';
import { Motivation } from './motivation.js';
import { continuing } from './proposals.rules.js';
import { notTaken } from './taken-targets.sql.js';

/** A result that its author was not sure of; its id is the model call's. */
export interface UnsureRow extends EvidenceRow {
  readonly kind: 'interaction';
  readonly workflowId: string;
  readonly goal: string;
  /** What it is the result of: the goal, or a subtask. */
  readonly title: string;
  /** 0..1 */
  readonly confidence: number;
  readonly excerpt: string;
  readonly at: string;
}

type Row = Omit<UnsureRow, 'kind' | 'at'> & { readonly at: Date };

const MOST = 6;
const LOOKED_AT = 200;

/**
 * Unsure is who reports a confidence under 0.5: more likely wrong than right; `ix_llm_interactions_unsure` has the same limit.
 * Only results count, of a thought or of the whole: a vote, a verdict, a plan, or a try that a later one replaced is no output.
 */
const UNSURE = `
  SELECT i.id, w.id AS "workflowId", w.goal, t.goal AS title, i.confidence, left(${contentOf('i')}, 500) AS excerpt,
         i.request_timestamp AS at
    FROM (SELECT id, workflow_id, thought_tree_id, confidence, response_text, content_length, request_timestamp
            FROM llm_interactions
           WHERE confidence < 0.5 AND origin <> 'motivation' AND request_timestamp > now() - interval '6 hours'
           ORDER BY request_timestamp DESC, id DESC LIMIT ${LOOKED_AT}) i
    JOIN workflows w ON w.id = i.workflow_id
    JOIN thought_trees t ON t.id = i.thought_tree_id
   WHERE w.status = 'completed' AND w.origin <> 'motivation'
     AND (t.metadata->>'result_from' = i.id::text OR (t.id = w.id AND ${contentOf('i')} = w.result_content))
     AND NOT EXISTS (SELECT FROM workflows c
                      WHERE c.parent_workflow_id = w.id AND c.status IN ('pending', 'in_progress', 'completed'))
     AND ${notTaken('refine_low_confidence', "'workflow:' || w.id")}
   ORDER BY i.request_timestamp DESC, i.id DESC LIMIT ${MOST}`;

@Injectable()
export class RefineLowConfidence extends Motivation<UnsureRow> {
  readonly type = 'refine_low_confidence';
  readonly description = 'Refines results that those who gave them were not sure of.';
  readonly category = 'quality';
  readonly defaults = { urgency: 0, satisfaction: 0.7, decayRate: 0.05, boostFactor: 1.1, maxUrgency: 1 };
  override readonly cooldownSeconds = 10 * 60;
  override readonly testCooldownSeconds = 5;
  override readonly satisfactionChange = { success: 0.25, partial: 0.15, failure: -0.05 };

  async look(sql: Sql): Promise<Evidence<UnsureRow>> {
    const found = await sql.query<Row>(UNSURE);
    const rows = found
      .map((row): UnsureRow => ({ kind: 'interaction', ...row, at: row.at.toISOString() }))
      .sort((one, other) => one.confidence - other.confidence);
    return { count: rows.length, summary: summaryOf(rows), rows };
  }

  boost({ count }: Evidence): number {
    return Math.min(0.05 * count, 0.3);
  }

  /** The workflow with most unsure outputs; of equals the one with the least sure of them. */
  propose({ rows }: Evidence<UnsureRow>, outlook: Outlook): Proposal | undefined {
    const workflows = [...new Set(rows.map(({ workflowId }) => workflowId))];
    const outputs = workflows
      .map((id) => rows.filter(({ workflowId }) => workflowId === id))
      .reduce((most, one) => (one.length > most.length ? one : most), []);
    const [first] = outputs;
    if (first === undefined) return undefined;
    const target = `workflow:${first.workflowId}`;
    const list = outputs.map(({ id, confidence, at }) => `${id} (confidence ${confidence}, ${ago(at, outlook.now)})`);
    const prompt =
      `The workflow ${first.workflowId} is completed, but who gave its results was not sure of ` +
      `${counted(outputs.length, 'output')}: ${list.join(', ')}. Find out what is uncertain or wrong in ${outputs.length === 1 ? 'it' : 'them'}, ` +
      'check every claim that can be checked, mend what is wrong, and answer with the whole improved result. ' +
      'What stays uncertain is marked as such, with what it would take to know.' +
      quotes(target, outlook, [
        { what: 'goal', text: first.goal, of: first.workflowId },
        ...outputs.flatMap(({ id, title, excerpt }) => [
          { what: 'unsure_output_of', text: title, of: id },
          { what: 'unsure_output', text: excerpt, of: id },
        ]),
      ]);
    return continuing(first.workflowId, 'refine', { target, prompt });
  }
}

function summaryOf(rows: readonly UnsureRow[]): string {
  const [first] = rows;
  if (first === undefined) return 'no result of the last 6 h was unsure';
  const many = rows.length === MOST ? `${MOST} or more results` : counted(rows.length, 'result');
  return `${many} of the last 6 h with a confidence under 0.5, such as ${first.confidence} for "${oneLine(first.title, 100)}"`;
}
