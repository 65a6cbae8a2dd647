import { Injectable } from '@nestjs/common';
import type { Sql } from '../../database/sql.js';
import { ago, counted, oneLine, quotes } from './evidence-text.rules.js';
import type { Evidence, EvidenceRow, Outlook, Proposal } from './motivation.js';
import { Motivation } from './motivation.js';
import { notTaken } from './taken-targets.sql.js';

export interface ToolError {
  readonly message: string;
  /** Of the last runs, so many ended with it. */
  readonly times: number;
  /** The last of them: its id, its end, and how it was called. */
  readonly executionId: string;
  readonly at: string;
  readonly input: string;
}

export interface FailingToolRow extends EvidenceRow {
  readonly kind: 'tool';
  /** In one hour; counted up to 20. */
  readonly failures: number;
  readonly errors: readonly ToolError[];
}

interface Row {
  readonly id: string;
  readonly failures: number;
  readonly runs: readonly { id: string; message: string; at: string; input: string }[];
}

const MOST = 4;
const FAILURES = 3;
const COUNTED_FAILURES = 20;
const MAX_ERRORS = 3;

/**
 * Walks over the tools that ever failed, one step of the index each, and counts the failures of each of the last hour. A failure
 * is a run that was begun and did not do what it was asked: a refusal is the policy at work, which exploring cannot mend and
 * whoever provokes refusals shall not steer; of a run whose process died (`unknown`) nobody knows that the tool failed. Runs of
 * NYX's own workflows count, for they show what is broken just as well; a tool that was explored is left alone for a day.
 */
const FAILING = `
  WITH RECURSIVE tools AS (
    (SELECT tool_name AS name FROM tool_executions WHERE status = 'failed' ORDER BY tool_name LIMIT 1)
    UNION ALL
    SELECT (SELECT e.tool_name FROM tool_executions e WHERE e.status = 'failed' AND e.tool_name > t.name
             ORDER BY e.tool_name LIMIT 1)
      FROM tools t WHERE t.name IS NOT NULL
  )
  SELECT t.name AS id, f.failures, f.runs
    FROM tools t CROSS JOIN LATERAL (
      SELECT count(*)::int AS failures,
             jsonb_agg(jsonb_build_object('id', r.id, 'message', left(coalesce(r.error_message, 'no message'), 500),
                                          'at', r.completed_at, 'input', left(r.input_parameters::text, 300))
                       ORDER BY r.completed_at DESC, r.id DESC) AS runs
        FROM (SELECT e.id, e.error_message, e.completed_at, e.input_parameters FROM tool_executions e
               WHERE e.status = 'failed' AND e.tool_name = t.name AND e.completed_at > now() - interval '1 hour'
               ORDER BY e.completed_at DESC, e.id DESC LIMIT ${COUNTED_FAILURES}) r
    ) f
   WHERE t.name IS NOT NULL AND f.failures >= ${FAILURES} AND ${notTaken('explore_recent_failure', "'tool:' || t.name")}
   ORDER BY f.failures DESC, t.name LIMIT ${MOST}`;

@Injectable()
export class ExploreRecentFailure extends Motivation<FailingToolRow> {
  readonly type = 'explore_recent_failure';
  readonly description = 'Finds out why a tool keeps failing.';
  readonly category = 'remedial';
  readonly defaults = { urgency: 0, satisfaction: 0.4, decayRate: 0.1, boostFactor: 1.3, maxUrgency: 0.85 };
  override readonly cooldownSeconds = 5 * 60;
  override readonly testCooldownSeconds = 3;
  override readonly satisfactionChange = { success: 0.4, partial: 0.2, failure: -0.15 };

  async look(sql: Sql): Promise<Evidence<FailingToolRow>> {
    const found = await sql.query<Row>(FAILING);
    const rows = found.map(({ id, failures, runs }): FailingToolRow => ({
      kind: 'tool',
      id,
      failures,
      errors: errorsOf(runs),
    }));
    return { count: rows.length, summary: summaryOf(rows), rows };
  }

  boost({ count }: Evidence): number {
    return Math.min(0.1 * count, 0.4);
  }

  propose({ rows: [row] }: Evidence<FailingToolRow>, outlook: Outlook): Proposal | undefined {
    if (row === undefined) return undefined;
    const { id: tool, errors } = row;
    const target = `tool:${tool}`;
    const list = errors.map(
      ({ executionId, times, at }) => `${executionId} (${counted(times, 'time')}, last ${ago(at, outlook.now)})`,
    );
    const prompt =
      `The tool ${oneLine(tool, 100)} failed ${timesOf(row)} in the last hour. Find out why, and propose what is to be done. ` +
      `The last run with each of its errors: ${list.join(', ')}. Compare the errors with how the tool was called; look into the ` +
      'memories and the workspace where that can tell more. Do not repeat what failed only to see it fail.' +
      quotes(
        target,
        outlook,
        errors.flatMap(({ executionId, message, input }) => [
          { what: 'error', text: message, of: executionId },
          { what: 'called_with', text: input, of: executionId },
        ]),
      );
    return {
      target,
      prompt,
      request: {
        input_type: 'structured_task',
        content: {
          task_definition: {
            primary_objective: prompt,
            constraints: ['Tell apart what the errors prove and what is only likely.'],
            deliverables: [
              'The cause of each error, or what is still to be known to name it.',
              'Whether the tool, its configuration, or how it was called is at fault.',
              'What a person, or NYX the next time it calls the tool, should do differently.',
            ],
          },
        },
        execution_context: { execution_preferences: { strategy: 'direct_execution' } },
      },
    };
  }
}

/** Each message once, the latest first. */
function errorsOf(runs: Row['runs']): ToolError[] {
  const messages = [...new Set(runs.map(({ message }) => message))].slice(0, MAX_ERRORS);
  return messages.flatMap((message) => {
    const same = runs.filter((run) => run.message === message);
    const [last] = same;
    if (last === undefined) return [];
    const { id: executionId, at, input } = last;
    return [{ message, times: same.length, executionId, at: new Date(at).toISOString(), input }];
  });
}

const timesOf = ({ failures }: FailingToolRow): string =>
  `${failures}${failures === COUNTED_FAILURES ? ' or more' : ''} times`;

function summaryOf(rows: readonly FailingToolRow[]): string {
  const [first] = rows;
  if (first === undefined) return `no tool failed ${FAILURES} times in 1 h`;
  const many = rows.length === MOST ? `${MOST} or more tools` : counted(rows.length, 'tool');
  const error = oneLine(first.errors[0]?.message ?? '', 100);
  return `${many} failed ${FAILURES} times or more in 1 h: ${oneLine(first.id, 100)} ${timesOf(first)}, last with "${error}"`;
}
