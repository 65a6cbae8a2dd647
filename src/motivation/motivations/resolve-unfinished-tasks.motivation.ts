import { Injectable } from '@nestjs/common';
import type { Sql } from '../../database/sql.js';
import { ago, counted, oneLine, quotes } from './evidence-text.rules.js';
import type { Evidence, EvidenceRow, Outlook, Proposal } from './motivation.js';
import { Motivation } from './motivation.js';
import { continuing } from './proposals.rules.js';
import { notTaken } from './taken-targets.sql.js';

export interface UnfinishedRow extends EvidenceRow {
  readonly kind: 'workflow';
  readonly goal: string;
  readonly status: 'failed' | 'cancelled';
  readonly origin: 'user' | 'schedule';
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly endedAt: string;
}

type Row = Omit<UnfinishedRow, 'kind' | 'endedAt'> & { readonly endedAt: Date };

/** More add nothing to the boost. */
const MOST = 5;
/** Of the newest, so many are looked at: those that people continued or NYX took up are among them. */
const LOOKED_AT = 200;

/** NYX's own failed ideas are not among them: it would pay for them for ever. Nor is what it has closed itself. */
const UNFINISHED = `
  SELECT w.id, w.goal, w.status, w.origin, w.error_code AS "errorCode", left(w.error_message, 1000) AS "errorMessage",
         w.completed_at AS "endedAt"
    FROM (SELECT id, goal, status, origin, error_code, error_message, completed_at FROM workflows
           WHERE status IN ('failed', 'cancelled') AND origin <> 'motivation' AND completed_at > now() - interval '24 hours'
           ORDER BY completed_at DESC, id DESC LIMIT ${LOOKED_AT}) w
   WHERE NOT EXISTS (SELECT FROM workflows c
                      WHERE c.parent_workflow_id = w.id AND c.status IN ('pending', 'in_progress', 'completed'))
     AND NOT EXISTS (SELECT FROM thought_trees t
                      WHERE t.id = w.id AND w.status = 'cancelled' AND t.annotations #>> '{settled_by_nyx,decision}' = 'close')
     AND ${notTaken('resolve_unfinished_tasks', "'workflow:' || w.id")}
   ORDER BY w.completed_at DESC, w.id DESC LIMIT ${MOST}`;

@Injectable()
export class ResolveUnfinishedTasks extends Motivation<UnfinishedRow> {
  readonly type = 'resolve_unfinished_tasks';
  readonly description = 'Takes up what failed or was cancelled.';
  readonly category = 'remedial';
  readonly defaults = { urgency: 0, satisfaction: 0.5, decayRate: 0.02, boostFactor: 1.2, maxUrgency: 0.9 };
  override readonly cooldownSeconds = 15 * 60;
  override readonly testCooldownSeconds = 10;
  override readonly satisfactionChange = { success: 0.3, partial: 0.1, failure: -0.1 };

  async look(sql: Sql): Promise<Evidence<UnfinishedRow>> {
    const found = await sql.query<Row>(UNFINISHED);
    const rows = found
      .map((row): UnfinishedRow => ({ kind: 'workflow', ...row, endedAt: row.endedAt.toISOString() }))
      // What somebody cancelled may well have been meant to end.
      .sort((one, other) => Number(one.status === 'cancelled') - Number(other.status === 'cancelled'));
    return { count: rows.length, summary: summaryOf(rows), rows };
  }

  boost({ count }: Evidence): number {
    return Math.min(0.1 * count, 0.5);
  }

  propose({ rows: [row] }: Evidence<UnfinishedRow>, outlook: Outlook): Proposal | undefined {
    if (row === undefined) return undefined;
    const target = `workflow:${row.id}`;
    const { goal, status, errorCode, errorMessage } = row;
    const prompt =
      `The workflow ${row.id} of a ${row.origin === 'user' ? 'person' : 'schedule'} ${howItEnded(row)} ` +
      `${ago(row.endedAt, outlook.now)}, and nobody has taken it up since. Do its task again. ` +
      `First find out from its error and its results why it ended, and ${status === 'failed' ? 'avoid that cause' : 'go on from there'}; ` +
      'use what is good of its results. Answer with the finished result of the task. Where it cannot be finished, answer with ' +
      'what there is of it, and say exactly what is missing and who can provide it.' +
      quotes(target, outlook, [
        { what: 'goal', text: goal, of: row.id },
        { what: 'error', text: [errorCode, errorMessage].filter(Boolean).join(': '), of: row.id },
      ]);
    return continuing(row.id, 'retry', { target, prompt });
  }
}

const howItEnded = ({ status, errorCode }: UnfinishedRow): string => {
  if (status === 'cancelled') return 'was cancelled';
  return errorCode === null ? 'failed' : `failed with ${oneLine(errorCode, 60)}`;
};

function summaryOf(rows: readonly UnfinishedRow[]): string {
  const [first] = rows;
  if (first === undefined) return 'nothing failed in 24 h that is not taken up';
  const many = rows.length === MOST ? `${MOST} or more workflows` : counted(rows.length, 'workflow');
  return `${many} failed or were cancelled in 24 h, such as "${oneLine(first.goal, 100)}"`;
}
