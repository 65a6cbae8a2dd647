import { Injectable } from '@nestjs/common';
import type { Sql } from '../../database/sql.js';
import { ago, counted, oneLine, quotes, type Quote } from './evidence-text.rules.js';
import type { Evidence, EvidenceRow, Outlook, Proposal } from './motivation.js';
import { Motivation } from './motivation.js';
import { directly } from './proposals.rules.js';
import { notTaken } from './taken-targets.sql.js';

export interface OldThoughtRow extends EvidenceRow {
  readonly kind: 'thought';
  readonly goal: string;
  readonly status: 'pending' | 'in_progress';
  readonly phase: string;
  readonly strategy: string | null;
  readonly createdAt: string;
  /** When anything of it changed last. */
  readonly touchedAt: string;
  readonly pausedAt: string | null;
  /** Answers of people that it waits for. */
  readonly openApprovals: number;
  readonly done: readonly string[];
  readonly left: readonly string[];
}

interface Row extends Omit<OldThoughtRow, 'kind' | 'createdAt' | 'touchedAt' | 'pausedAt' | 'done' | 'left'> {
  readonly createdAt: Date;
  readonly touchedAt: Date;
  readonly pausedAt: Date | null;
  readonly subtasks: readonly { title: string; isDone: boolean }[];
}

const MOST = 5;
const LOOKED_AT = 200;
const MAX_SUBTASKS = 40;
const SETTLE_THOUGHT = 'settle_thought';

/**
 * Root thoughts that began and did not end, the oldest first. What works is touched by its events, and ends with its time; what
 * grows old is paused, waits for an answer, or cannot be begun.
 */
const OLD = `
  SELECT o.id, o.goal, o.status, o.phase, o.strategy, o.created_at AS "createdAt", o.touched_at AS "touchedAt",
         o.paused_at AS "pausedAt",
         (SELECT count(*)::int FROM approvals a WHERE a.workflow_id = o.id AND a.status = 'pending') AS "openApprovals",
         (SELECT coalesce(jsonb_agg(jsonb_build_object('title', s.title, 'isDone', s.status = 'completed')), '[]')
            FROM (SELECT left(t.goal, 200) AS title, t.status FROM thought_trees t WHERE t.parent_id = o.id
                   ORDER BY t.position, t.id LIMIT ${MAX_SUBTASKS}) s) AS subtasks
    FROM (
      SELECT w.id, w.goal, w.status, w.phase, w.strategy, w.created_at, w.paused_at,
             greatest(w.updated_at, t.updated_at, e.at) AS touched_at
        FROM (SELECT id, goal, status, phase, strategy, created_at, updated_at, paused_at FROM workflows
               WHERE status IN ('pending', 'in_progress') AND created_at < now() - interval '48 hours'
               ORDER BY created_at, id LIMIT ${LOOKED_AT}) w
        JOIN thought_trees t ON t.id = w.id
        LEFT JOIN LATERAL (SELECT v.at FROM workflow_events v WHERE v.workflow_id = w.id ORDER BY v.seq DESC LIMIT 1) e ON true
       WHERE greatest(w.updated_at, t.updated_at, e.at) < now() - interval '48 hours'
         AND ${notTaken('revisit_old_thoughts', "'workflow:' || w.id")}
       ORDER BY w.created_at, w.id LIMIT ${MOST}) o
   ORDER BY o.created_at, o.id`;

@Injectable()
export class RevisitOldThoughts extends Motivation<OldThoughtRow> {
  readonly type = 'revisit_old_thoughts';
  readonly description = 'Brings old, unfinished thoughts to an end, or back to life.';
  readonly category = 'maintenance';
  readonly defaults = { urgency: 0.05, satisfaction: 0.8, decayRate: 0.03, boostFactor: 1.1, maxUrgency: 1 };
  override readonly cooldownSeconds = 120 * 60;
  override readonly testCooldownSeconds = 20;
  /** Long enough that it comes to the others before it asks again about those that nobody can decide. */
  override readonly targetCooldownSeconds = 7 * 86_400;
  override readonly satisfactionChange = { success: 0.35, partial: 0.15, failure: -0.1 };

  async look(sql: Sql): Promise<Evidence<OldThoughtRow>> {
    const rows = (await sql.query<Row>(OLD)).map(rowOf);
    return { count: rows.length, summary: summaryOf(rows), rows };
  }

  boost({ count }: Evidence): number {
    return Math.min(0.05 * count, 0.25);
  }

  propose({ rows: [row] }: Evidence<OldThoughtRow>, outlook: Outlook): Proposal | undefined {
    if (row === undefined) return undefined;
    const target = `workflow:${row.id}`;
    const { now } = outlook;
    const prompt =
      `The thought ${row.id} has not ended, and nothing has touched it since ${row.touchedAt} (${ago(row.touchedAt, now)}). ` +
      `Decide whether it is to be resumed or closed, and do so: call ${SETTLE_THOUGHT} once, with ` +
      `{"workflow_id": "${row.id}", "decision": "resume" or "close", "reason": one sentence}.\n\n${knownOf(row, now)}\n\n` +
      'Resume it when it is paused and what is left of it is still worth doing. Close it when its goal is past, was reached ' +
      'otherwise, or waits for something that will not come; closing cancels it for good, and what it did stays. ' +
      'If what is known does not tell, decide nothing: say what a person has to know to decide. ' +
      'Answer with the decision and its reason.' +
      quotes(target, outlook, [
        { what: 'goal', text: row.goal, of: row.id },
        ...listed('subtasks_done', row.done),
        ...listed('subtasks_left', row.left),
      ]);
    return directly([SETTLE_THOUGHT], { target, prompt });
  }
}

function rowOf({ subtasks, createdAt, touchedAt, pausedAt, ...row }: Row): OldThoughtRow {
  const titles = (isDone: boolean): string[] =>
    subtasks.filter((one) => one.isDone === isDone).map(({ title }) => title);
  return {
    kind: 'thought',
    ...row,
    createdAt: createdAt.toISOString(),
    touchedAt: touchedAt.toISOString(),
    pausedAt: pausedAt?.toISOString() ?? null,
    done: titles(true),
    left: titles(false),
  };
}

function knownOf(row: OldThoughtRow, now: Date): string {
  const { status, phase, strategy, pausedAt, openApprovals, done, left } = row;
  const facts = [
    `It was created ${ago(row.createdAt, now)} and is ${status === 'pending' ? 'waiting to begin' : `in the phase ${phase}`}` +
      (strategy === null ? '.' : `, with the strategy ${strategy}.`),
    pausedAt === null ? 'It is not paused.' : `It is paused since ${pausedAt} (${ago(pausedAt, now)}).`,
    openApprovals === 0
      ? 'It waits for no answer of a person.'
      : `It waits for ${counted(openApprovals, 'answer')} of people, which resuming does not give it.`,
    `Of its subtasks ${done.length} are done and ${left.length} are left.`,
  ];
  return facts.map((fact) => `- ${fact}`).join('\n');
}

const listed = (what: string, titles: readonly string[]): Quote[] =>
  titles.length === 0 ? [] : [{ what, text: titles.map((title) => `- ${oneLine(title, 200)}`).join('\n') }];

function summaryOf(rows: readonly OldThoughtRow[]): string {
  const [first] = rows;
  if (first === undefined) return 'no unfinished thought is untouched for 48 h';
  const many =
    rows.length === MOST ? `${MOST} or more unfinished thoughts` : counted(rows.length, 'unfinished thought');
  return `${many} untouched for 48 h, the oldest "${oneLine(first.goal, 100)}"`;
}
