import { Injectable } from '@nestjs/common';
import type { Sql } from '../../database/sql.js';
import { toolsToOffer } from '../../orchestrator/run/tool-offer.rules.js';
import { STRATEGIES } from '../../orchestrator/workflows/workflow.values.js';
import { ToolRegistry } from '../../tools/tool-registry.js';
import type { Tool } from '../../tools/tool.js';
import { ago, counted } from './evidence-text.rules.js';
import type { Evidence, EvidenceRow, Outlook, Proposal } from './motivation.js';
import { Motivation } from './motivation.js';
import { directly } from './proposals.rules.js';
import { notTaken } from './taken-targets.sql.js';

/** What could be tried; its id is a name. */
export interface LittleUsedRow extends EvidenceRow {
  readonly kind: 'tool' | 'strategy';
  /** In 7 days; counted up to 50. */
  readonly uses: number;
  readonly lastUsedAt: string | null;
}

type Row = Omit<LittleUsedRow, 'lastUsedAt'> & { readonly lastUsedAt: Date | null };

const ENOUGH_SUCCESSES = 3;
const MOST_ROWS = 10;
const COUNTED_USES = 50;
/** They act on workflows and their agents: there is nothing to try them on. */
const NOT_TO_BE_TRIED = ['settle_thought', 'communicate'];
/** What the tools and strategies that are tried find something to work on with. */
const READERS = ['file_operations', 'memory'];

/** Of whomever, NYX's own included: what it did last is covered. */
const SUCCESSES = `
  SELECT count(*)::int AS successes
    FROM (SELECT FROM workflows WHERE status = 'completed' AND completed_at > now() - interval '12 hours'
           ORDER BY completed_at DESC LIMIT ${ENOUGH_SUCCESSES}) w`;

/**
 * $1: tools, $2: strategies. Names and times are compared as rows, which only the index of both can serve: by an equal name the planner
 * may well walk over all of the week, looking for a name that nobody used.
 */
const LEAST_USED = `
  SELECT c.kind, c.name AS id, u.uses, u.last_used_at AS "lastUsedAt"
    FROM (SELECT 'tool' AS kind, t.name FROM unnest($1::text[]) t(name)
          UNION ALL SELECT 'strategy', s.name FROM unnest($2::text[]) s(name)) c
   CROSS JOIN LATERAL (
     SELECT count(*)::int AS uses, max(at) AS last_used_at
       FROM ((SELECT e.started_at AS at FROM tool_executions e
               WHERE c.kind = 'tool' AND (e.tool_name, e.started_at) > (c.name, now() - interval '7 days')
                 AND (e.tool_name, e.started_at) <= (c.name, timestamptz 'infinity')
               ORDER BY e.tool_name DESC, e.started_at DESC LIMIT ${COUNTED_USES})
             UNION ALL
             (SELECT w.created_at FROM workflows w
               WHERE c.kind = 'strategy' AND (w.strategy, w.created_at) > (c.name, now() - interval '7 days')
                 AND (w.strategy, w.created_at) <= (c.name, timestamptz 'infinity')
               ORDER BY w.strategy DESC, w.created_at DESC LIMIT ${COUNTED_USES})) used) u
   WHERE ${notTaken('maximize_coverage', "c.kind || ':' || c.name")}
   ORDER BY u.uses, u.last_used_at NULLS FIRST, c.kind DESC, c.name LIMIT ${MOST_ROWS}`;

@Injectable()
export class MaximizeCoverage extends Motivation<LittleUsedRow> {
  readonly type = 'maximize_coverage';
  readonly description = 'Tries what was used least: a tool, or a strategy.';
  readonly category = 'exploratory';
  readonly defaults = { urgency: 0.1, satisfaction: 0.6, decayRate: 0.01, boostFactor: 1, maxUrgency: 1 };
  override readonly cooldownSeconds = 60 * 60;
  override readonly testCooldownSeconds = 15;
  override readonly satisfactionChange = { success: 0.2, partial: 0.1, failure: -0.05 };

  constructor(private readonly tools: ToolRegistry) {
    super();
  }

  async look(sql: Sql, outlook: Outlook): Promise<Evidence<LittleUsedRow>> {
    const [counts] = await sql.query<{ successes: number }>(SUCCESSES);
    const successes = counts?.successes ?? 0;
    const summary = `${counted(successes, 'workflow')} completed in 12 h`;
    if (successes >= ENOUGH_SUCCESSES)
      return { count: 0, summary: `${successes} or more workflows completed in 12 h`, rows: [] };
    const found = await sql.query<Row>(LEAST_USED, [this.usable(outlook), STRATEGIES]);
    const rows = found.map((row): LittleUsedRow => ({ ...row, lastUsedAt: row.lastUsedAt?.toISOString() ?? null }));
    const [first] = rows;
    if (first === undefined) return { count: 0, summary: `${summary}, and all there is was tried`, rows };
    return {
      count: 1,
      summary: `${summary}; the ${first.kind} ${first.id} was used least (${usesOf(first)} in 7 days)`,
      rows,
    };
  }

  boost({ count }: Evidence): number {
    return count > 0 ? 0.2 : 0;
  }

  propose({ rows: [row] }: Evidence<LittleUsedRow>, outlook: Outlook): Proposal | undefined {
    if (row === undefined) return undefined;
    const target = `${row.kind}:${row.id}`;
    return row.kind === 'tool' ? this.trialOfTool(target, row, outlook) : trialOfStrategy(target, row, outlook);
  }

  /** Of safe work only what it may do without asking. */
  private usable({ isSafe }: Outlook): string[] {
    return this.tools
      .available()
      .tools.filter(({ name, available }) => available && !NOT_TO_BE_TRIED.includes(name))
      .flatMap(({ name }) => this.tools.find(name) ?? [])
      .filter((tool) => !isSafe || canRead(tool))
      .map(({ name }) => name);
  }

  private trialOfTool(target: string, row: LittleUsedRow, outlook: Outlook): Proposal {
    const { id: name } = row;
    const readers = READERS.filter((reader) => reader !== name && this.tools.find(reader) !== undefined);
    const prompt =
      `The tool ${name} is the one that is used least: ${usageOf(row, outlook)}. Try it on what is really there. ` +
      `Look first what there is: files of the workspace, memories${readers.length === 0 ? '' : ` (${readers.join(', ')})`}. ` +
      `Then call ${name} for something that is worth knowing of it, and follow up what it shows. Change and delete nothing that ` +
      'is there, make no material up, and send nothing of it to anybody. ' +
      'Answer with what you called and what came of it, what you learned that is useful to the people here, and the concrete ' +
      'work that the tool makes possible next. If there is nothing it could be used on, say that in one sentence.';
    return directly([name, ...readers], { target, prompt });
  }
}

function trialOfStrategy(target: string, row: LittleUsedRow, outlook: Outlook): Proposal {
  const prompt =
    `The strategy ${row.id} is the one that is used least: ${usageOf(row, outlook)}. Work this way once, on something real: ` +
    'look into the files of the workspace and the memories of earlier work, find the one improvement that would help the people ' +
    'here most, and work it out so far that a person can decide on it. Change and delete nothing that is there, and make no ' +
    'material up. If there is nothing to improve, say that in one sentence.';
  return {
    target,
    prompt,
    request: {
      input_type: 'goal_workflow',
      content: {
        goal: {
          objective: prompt,
          success_criteria: [
            'The result names the files or memories that it rests on, or says that there are none.',
            'The result says in concrete steps what is to be done.',
          ],
        },
      },
      execution_context: { execution_preferences: { strategy: row.id } },
    },
  };
}

const canRead = (tool: Tool): boolean => toolsToOffer([tool], { tools: [tool.name], isReadOnly: true }).length > 0;

const usesOf = ({ uses }: LittleUsedRow): string =>
  uses === COUNTED_USES ? `${uses} or more times` : counted(uses, 'time');

const usageOf = (row: LittleUsedRow, { now }: Outlook): string =>
  row.lastUsedAt === null ? 'not once in 7 days' : `${usesOf(row)} in 7 days, last ${ago(row.lastUsedAt, now)}`;
