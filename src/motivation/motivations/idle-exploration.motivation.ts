import { Injectable } from '@nestjs/common';
import type { Sql } from '../../database/sql.js';
import { ago, counted, quotes } from './evidence-text.rules.js';
import type { Evidence, EvidenceRow, Outlook, Proposal } from './motivation.js';
import { Motivation } from './motivation.js';
import { directly } from './proposals.rules.js';

/** Something to read, the newest first. */
export interface ReadableRow extends EvidenceRow {
  readonly kind: 'memory' | 'workflow';
  readonly text: string;
  readonly at: string;
}

type Row = Omit<ReadableRow, 'at'> & { readonly at: Date };

const IDLE_AGENTS = 1;
const IDLE_CHANGES = 2;
const MOST_ROWS = 5;
/** NYX keeps about so many global memories. */
const LOOKED_AT = 1_000;
const AGENTS_LOOKED_AT = 200;
const DAYS = 30;

/**
 * Agents at work, those of workflows that are paused or wait for a person left out, and changes of 30 minutes: thoughts, of
 * whomever, that were created or have ended. Each counted one further than is idle. The status of agents is sorted by, for only their
 * index of status and time can serve that.
 */
const ACTIVITY = `
  SELECT (SELECT count(*) FROM (
            SELECT FROM ((SELECT thought_tree_id FROM agents WHERE status BETWEEN 'active' AND 'active'
                           ORDER BY status DESC, created_at DESC LIMIT ${AGENTS_LOOKED_AT})
                          UNION ALL
                          (SELECT thought_tree_id FROM agents WHERE status BETWEEN 'coordinating' AND 'coordinating'
                            ORDER BY status DESC, created_at DESC LIMIT ${AGENTS_LOOKED_AT})) a
              JOIN thought_trees t ON t.id = a.thought_tree_id JOIN workflows w ON w.id = t.root_id
             WHERE w.clock_stopped_at IS NULL LIMIT ${IDLE_AGENTS + 1}) working)::int AS agents,
         (SELECT count(*) FROM (
            SELECT FROM thought_trees WHERE created_at > now() - interval '30 minutes'
             ORDER BY created_at DESC LIMIT ${IDLE_CHANGES + 1}) begun)::int
       + (SELECT count(*) FROM (
            SELECT FROM thought_trees WHERE completed_at > now() - interval '30 minutes'
             ORDER BY completed_at DESC LIMIT ${IDLE_CHANGES + 1}) ended)::int AS changes`;

/** The times between which it has read. Its targets say them: `memories:<from>/<before>`. */
const READ = (what: 'memories' | 'workflows'): string => `
  WITH read AS MATERIALIZED (
    SELECT split_part(substr(target, ${what.length + 2}), '/', 1)::timestamptz AS since, split_part(target, '/', 2)::timestamptz AS before
      FROM motivational_targets
     WHERE motivation_type = 'idle_exploration' AND target LIKE '${what}:%' AND taken_until > now())`;

/** What everybody may read and NYX did not write on an idea of its own, or it would read itself for ever. */
const MEMORIES = `${READ('memories')}
  SELECT 'memory' AS kind, m.id, left(m.content, 1000) AS text, m.created_at AS at
    FROM (SELECT id, content, created_at, expires_at,
                 CASE WHEN metadata->>'workflow_id' ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
                      THEN (metadata->>'workflow_id')::uuid END AS workflow_id
            FROM memories WHERE scope = 'global' ORDER BY created_at DESC, id DESC LIMIT ${LOOKED_AT}) m
   WHERE (m.expires_at IS NULL OR m.expires_at > now())
     AND NOT EXISTS (SELECT FROM workflows w WHERE w.id = m.workflow_id AND w.origin = 'motivation')
     AND NOT EXISTS (SELECT FROM read WHERE m.created_at >= read.since AND m.created_at < read.before)
   ORDER BY m.created_at DESC, m.id DESC LIMIT ${MOST_ROWS}`;

const WORKFLOWS = `${READ('workflows')}
  SELECT 'workflow' AS kind, w.id, w.goal || E'\\n\\n' || coalesce(left(w.result_content, 600), '') AS text, w.completed_at AS at
    FROM (SELECT id, goal, origin, result_content, completed_at FROM workflows
           WHERE status = 'completed' AND completed_at > now() - interval '${DAYS} days'
           ORDER BY completed_at DESC, id DESC LIMIT ${LOOKED_AT}) w
   WHERE w.origin <> 'motivation' AND NOT EXISTS (SELECT FROM read WHERE w.completed_at >= read.since AND w.completed_at < read.before)
   ORDER BY w.completed_at DESC, w.id DESC LIMIT ${MOST_ROWS}`;

@Injectable()
export class IdleExploration extends Motivation<ReadableRow> {
  readonly type = 'idle_exploration';
  readonly description = 'Reads what is remembered, and proposes work.';
  readonly category = 'exploratory';
  readonly defaults = { urgency: 0, satisfaction: 0.9, decayRate: 0.02, boostFactor: 1.5, maxUrgency: 1 };
  override readonly cooldownSeconds = 30 * 60;
  override readonly testCooldownSeconds = 8;
  /** Until then it reads other things: each time further back. */
  override readonly targetCooldownSeconds = 7 * 86_400;
  override readonly satisfactionChange = { success: 0.15, partial: 0.08, failure: -0.02 };

  async look(sql: Sql): Promise<Evidence<ReadableRow>> {
    const [activity] = await sql.query<{ agents: number; changes: number }>(ACTIVITY);
    const { agents = 0, changes = 0 } = activity ?? {};
    const said = `${counted(agents, 'agent')} at work and ${counted(changes, 'change')} in 30 min`;
    if (agents > IDLE_AGENTS || changes > IDLE_CHANGES) return { count: 0, summary: said, rows: [] };
    const memories = await sql.query<Row>(MEMORIES);
    const found = memories.length > 0 ? memories : await sql.query<Row>(WORKFLOWS);
    const rows = found.map((row): ReadableRow => ({ ...row, at: row.at.toISOString() }));
    const what = rows[0]?.kind === 'memory' ? 'memories' : 'ended workflows';
    const readable = rows.length === 0 ? 'nothing to read that is new' : `${what} to read`;
    return { count: Math.min(1, rows.length), summary: `${said}, ${readable}`, rows };
  }

  boost({ count }: Evidence): number {
    return count > 0 ? 0.3 : 0;
  }

  propose({ rows }: Evidence<ReadableRow>, outlook: Outlook): Proposal | undefined {
    const [first] = rows;
    if (first === undefined) return undefined;
    const isMemory = first.kind === 'memory';
    const target = `${isMemory ? 'memories' : 'workflows'}:${timesOf(rows, first)}`;
    const list = rows.map(({ id, at }) => `${id} (${ago(at, outlook.now)})`).join(', ');
    const prompt =
      `Nothing else is to be done just now. Read ${isMemory ? 'these memories of earlier work' : 'what these workflows were about'}: ` +
      `${list}. ${isMemory ? 'Search the memories for what belongs to them. ' : ''}` +
      'Then propose at most three pieces of work that would help the people here next. Each names what it rests on by its id, ' +
      'what is to be done, what it would bring, and how one would see that it is done. No proposal is better than one ' +
      `that nobody needs. ${outlook.isSafe ? KEPT_AS_ANSWER : KEPT_AS_MEMORY}` +
      quotes(
        target,
        outlook,
        rows.map(({ kind, id, text }) => ({ what: kind, text, of: id })),
      );
    return directly(['memory'], { target, prompt });
  }
}

/** From the oldest on to just after the newest, in whole milliseconds. */
function timesOf(rows: readonly ReadableRow[], newest: ReadableRow): string {
  const oldest = rows.at(-1) ?? newest;
  return `${oldest.at}/${new Date(Date.parse(newest.at) + 1).toISOString()}`;
}

/** Safe work would have to ask a person for every note it writes. */
const KEPT_AS_ANSWER = 'Answer with the proposals: they are kept as the result of this workflow.';
const KEPT_AS_MEMORY =
  'Keep each proposal with the tool memory (operation store, scope global, memory_type learning), and answer with all of them.';
