import type { Database } from '../../src/database/database.service.js';
import type { ConfigOverrides, TestApp } from '../support/app.js';
import type { AttackStage } from './attack-stage.js';
import type { Attack } from './attacks.js';

const EXECUTE = '/api/v1/tools/execute';

/** What attacks have to do with: as much allowed as any deployment might, and nothing counted. */
export const openDoors = (top: string, allowed: string, port: number): ConfigOverrides => ({
  workspaceDir: `${top}/ws`,
  tools: {
    ratePerMinute: 0,
    maxCallsPerWorkflow: 10_000,
    // A place that is none, so that there is a proxy in the sandbox to be attacked.
    sandboxAllowedHosts: ['allowed.invalid'],
    httpAllowedHosts: [allowed, `10.0.0.1:${port}`],
    privateRanges: ['127.0.0.1/32'],
  },
});

/** How an attack ended: the rule that refused it, or undefined when it ran. */
export interface Ending {
  readonly what: string;
  readonly rule: string | undefined;
}

/** Those attacks whose ending is foreseen, as they are to end. */
export const foreseen = (attacks: readonly Attack[]): Ending[] =>
  attacks.flatMap(({ what, rule }) => (rule === undefined ? [] : [{ what, rule }]));

/** Of these endings those that `foreseen` speaks of. */
export const foretold = (attacks: readonly Attack[], endings: readonly Ending[]): Ending[] =>
  endings.filter((_, index) => attacks[index]?.rule !== undefined);

/** Attacks by an admin, over HTTP; a few at once. */
export async function attackAsAdmin(
  nyx: TestApp,
  attacks: readonly Attack[],
  atOnce = 1,
): Promise<{ endings: Ending[]; told: string[] }> {
  const endings: Ending[] = [];
  const told: string[] = [];
  for (let at = 0; at < attacks.length; at += atOnce) {
    const answers = await Promise.all(attacks.slice(at, at + atOnce).map((attack) => execute(nyx, attack)));
    for (const { ending, text } of answers) {
      endings.push(ending);
      told.push(text);
    }
  }
  return { endings, told };
}

async function execute(nyx: TestApp, attack: Attack): Promise<{ ending: Ending; text: string }> {
  const { what, tool, parameters } = attack;
  const answer = await nyx.request('admin', 'POST', EXECUTE, { tool_name: tool, parameters });
  const text = await answer.text();
  const { error_code: code, rule } = JSON.parse(text) as { error_code?: string; rule?: string };
  if (answer.status === 200) return { ending: { what, rule: undefined }, text };
  if (answer.status === 400 && code === 'VALIDATION_ERROR')
    return { ending: { what, rule: 'invalid_parameters' }, text };
  if (answer.status === 403 && code === 'TOOL_REFUSED') return { ending: { what, rule }, text };
  throw new Error(`${what} was answered with ${answer.status}: ${text.slice(0, 500)}`);
}

/** How many rows of the database hold what is secret, by table. */
export async function rowsWithSecrets(database: Database, stage: AttackStage): Promise<string[]> {
  const found: string[] = [];
  const rows = await database.query<{ row: string }>('SELECT t::text AS row FROM tool_executions t', []);
  const interactions = await database.query<{ row: string }>('SELECT t::text AS row FROM llm_interactions t', []);
  for (const { row } of [...rows, ...interactions]) if (stage.isSecretIn(row)) found.push(row.slice(0, 300));
  return found;
}

export interface AgentRow {
  readonly tool_name: string;
  readonly status: string;
  readonly rule: string | null;
}

/** The runs of a workflow, in the order in which its model asked for the calls. */
export const agentRows = (database: Database, workflowId: string): Promise<AgentRow[]> =>
  database.query<AgentRow>(
    `SELECT e.tool_name, e.status, e.rule
       FROM durable.operation_outputs o JOIN tool_executions e ON o.output LIKE '%' || e.id || '%'
      WHERE o.workflow_uuid = $1 AND e.workflow_id = $2 AND o.function_name LIKE '%:tool-%' ORDER BY o.function_id`,
    [workflowId, workflowId],
  );
