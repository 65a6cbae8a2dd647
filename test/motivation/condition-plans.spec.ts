import { Database } from '../../src/database/database.service.js';
import type { Sql, Transaction } from '../../src/database/sql.js';
import type { Motivation } from '../../src/motivation/motivations/motivation.js';
import { ownMotivations } from '../../src/motivation/motivations/own-motivations.js';
import { startApp, type TestApp } from '../support/app.js';
import { World } from './motivation-world.js';

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly Plans?: readonly PlanNode[];
}

const ROWS = 20_000;
const BIG = [
  'workflows',
  'thought_trees',
  'llm_interactions',
  'tool_executions',
  'agents',
  'memories',
  'workflow_events',
];
/** Most that a condition reads of one table, whatever there is: what it looks at, a few times over for what belongs to it. */
const MOST_READ = 2_500;

/**
 * Years of work, and a bad last day: of the thoughts every third failed and every third is paused; confidence, failures and
 * memories are everywhere, inside the windows and outside of them.
 */
const FILL = [
  `INSERT INTO workflows (id, principal_id, origin, input_type, content, goal, status, strategy, created_at, updated_at, completed_at,
                          clock_stopped_at)
   SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'p', (ARRAY['user', 'motivation', 'schedule'])[1 + n / 3 % 3],
          'user_prompt', '{}', 'Goal ' || n, (ARRAY['completed', 'failed', 'in_progress'])[1 + n % 3], 'direct_execution',
          now() - make_interval(mins => n + 3000), now() - make_interval(mins => n + 3000),
          CASE WHEN n % 3 < 2 THEN now() - make_interval(secs => n * 60) END, CASE WHEN n % 3 = 2 THEN now() END
     FROM generate_series(1, ${ROWS}) n`,
  `INSERT INTO thought_trees (id, root_id, goal, status, created_at, updated_at, completed_at)
   SELECT id, id, goal, status, created_at, updated_at, completed_at FROM workflows`,
  'INSERT INTO event_streams (workflow_id, last_seq) SELECT id, 1 FROM workflows',
  `INSERT INTO workflow_events (workflow_id, seq, type, at) SELECT id, 1, 'workflow.progress', created_at FROM workflows`,
  `INSERT INTO agents (id, thought_tree_id, agent_type, agent_class, status)
   SELECT gen_random_uuid(), id, 'task', 'c', CASE WHEN status = 'in_progress' THEN 'active' ELSE 'completed' END FROM workflows`,
  `INSERT INTO llm_interactions (id, workflow_id, thought_tree_id, origin, purpose, provider, model, status, success, prompt_text,
                                 response_text, confidence, request_timestamp)
   SELECT gen_random_uuid(), id, id, origin, 'direct', 'offline', 'm', 'succeeded', true, 'p', 'r', random(), completed_at
     FROM workflows WHERE completed_at IS NOT NULL`,
  `INSERT INTO tool_executions (id, tool_name, tool_class, status, success, principal_id, executor_id, claim_id, started_at, completed_at)
   SELECT gen_random_uuid(), (ARRAY['memory', 'file_operations', 'shell_command', 'clips.a', 'clips.b'])[1 + n % 5], 'T',
          CASE WHEN n % 2 = 0 THEN 'failed' ELSE 'succeeded' END, n % 2 = 1, 'p', 'e', gen_random_uuid(),
          now() - make_interval(secs => n * 10), now() - make_interval(secs => n * 10)
     FROM generate_series(1, ${ROWS}) n`,
  `INSERT INTO memories (id, scope, memory_type, content, search, created_at, metadata)
   SELECT gen_random_uuid(), 'global', 'learning', 'Memory ' || n, '', now() - make_interval(mins => n),
          jsonb_build_object('workflow_id', ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0')))
     FROM generate_series(1, ${ROWS}) n`,
];

/** Keeps what is asked, with its values. */
class Heard implements Sql {
  readonly statements: { text: string; values: readonly unknown[] }[] = [];

  constructor(private readonly tx: Transaction) {}

  query<Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    this.statements.push({ text, values });
    return this.tx.query<Row>(text, values);
  }
}

const flat = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(flat)];

const told = (node: PlanNode): string =>
  `${node['Node Type']} of ${node['Relation Name']} by ${node['Index Name']}: ${readOf(node)} rows`;

const readOf = (node: PlanNode): number =>
  (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0)) *
  node['Actual Loops'];

describe('the conditions of motivations', () => {
  let nyx: TestApp;
  beforeAll(async () => {
    nyx = await startApp();
  });
  afterAll(async () => {
    await nyx.close();
  });

  it('read a bounded part of the tables, by index, however many rows there are', async () => {
    await World.visit(nyx.app.get(Database), async (world) => {
      const { tx } = world;
      for (const statement of FILL) await tx.query(statement);
      for (const table of BIG) await tx.query(`ANALYZE ${table}`);
      const heard = new Heard(tx);
      const outlook = await world.outlook();
      // Its activity would keep it from reading; the plan of what it reads is to be seen too.
      await tx.query(`UPDATE thought_trees SET completed_at = NULL WHERE completed_at > now() - interval '30 minutes'`);
      const lookAll = async (): Promise<void> => {
        for (const own of ownMotivations) await nyx.app.get<Motivation>(own).look(heard, outlook);
      };
      await lookAll();
      // Without successes and memories it looks for more.
      await tx.query('DELETE FROM memories');
      await tx.query(`UPDATE workflows SET status = 'failed' WHERE completed_at > now() - interval '12 hours'`);
      await lookAll();
      expect(new Set(heard.statements.map(({ text }) => text)).size).toBe(9);
      for (const { text, values } of heard.statements) {
        const { rows } = await tx.client.query<{ 'QUERY PLAN': { Plan: PlanNode }[] }>(
          `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`,
          [...values],
        );
        const nodes = rows.flatMap((row) => row['QUERY PLAN'].flatMap(({ Plan }) => flat(Plan)));
        const scans = nodes.filter((node) => BIG.includes(node['Relation Name'] ?? ''));
        const offending = scans.filter((node) => node['Node Type'] === 'Seq Scan' || readOf(node) > MOST_READ);
        expect({ text, offending: offending.map(told) }).toEqual({ text, offending: [] });
      }
    });
  });
});
