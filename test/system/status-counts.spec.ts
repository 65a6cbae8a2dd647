import fc from 'fast-check';
import pg from 'pg';
import { Database } from '../../src/database/database.service.js';
import { newId } from '../../src/database/ids.js';
import { bucketOf } from '../../src/llm/stats/latency.rules.js';
import { COUNTED, type CountedKind, type CountRow } from '../../src/system/stats/stats.rules.js';
import { COUNTS } from '../../src/system/stats/status-counts.sql.js';
import { StatusRollUp } from '../../src/system/stats/status-roll-up.js';
import { NowAndThen } from '../../src/waiting/now-and-then.js';
import { startApp, type TestApp } from '../support/app.js';
import { until } from '../support/until.js';

const TABLES: Readonly<Record<CountedKind, string>> = {
  workflow: 'workflows',
  agent: 'agents',
  motivational_task: 'motivational_tasks',
  tool_execution: 'tool_executions',
};

/** What a row's time counts as; where none is kept, nothing. */
const TOOK: Readonly<Partial<Record<CountedKind, string>>> = {
  workflow: `CASE WHEN status = 'completed' THEN floor(extract(epoch FROM completed_at - started_at) * 1000)::integer END`,
  tool_execution: `CASE WHEN status = 'succeeded' THEN duration_ms END`,
};

let app: TestApp;
let database: Database;
let rollUp: StatusRollUp;
beforeAll(async () => {
  app = await startApp();
  database = app.app.get(Database, { strict: false });
  rollUp = app.app.get(StatusRollUp, { strict: false });
  // Rolled up is here what a test rolls up: by itself it is due once.
  Object.assign(rollUp, { nowAndThen: new NowAndThen(Infinity) });
  await rollUp.runWhenDue();
});
afterAll(() => app.close());

type Counts = Record<string, number>;

/** Both in one snapshot: `kind status bucket` and how many. */
async function counted(): Promise<{ kept: Counts; plain: Counts }> {
  return await database.transaction(async (tx) => {
    await tx.query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
    const kept: Counts = {};
    for (const { kind, status, count, buckets } of await tx.query<CountRow>(COUNTS)) {
      if (count !== 0) kept[`${kind} ${status}`] = count;
      for (const [bucket, number] of Object.entries(buckets ?? {})) kept[`${kind} ${status} ${bucket}`] = number;
    }
    const plain: Counts = {};
    for (const [kind, table] of Object.entries(TABLES) as [CountedKind, string][]) {
      const took = TOOK[kind];
      const rows = await tx.query<{ status: string; bucket: number | null; count: number }>(
        `SELECT status, ${took === undefined ? 'NULL::int' : bucketOf(`(${took})`)} AS bucket, count(*)::int AS count
           FROM ${table} GROUP BY 1, 2`,
      );
      for (const { status, bucket, count } of rows) {
        const key = `${kind} ${status}`;
        plain[key] = (plain[key] ?? 0) + count;
        if (bucket !== null) plain[`${key} ${bucket}`] = count;
      }
    }
    return { kept, plain };
  });
}

async function expectTrue(): Promise<void> {
  const { kept, plain } = await counted();
  expect(kept).toEqual(plain);
}

/** A run gives up after a while, with some left. */
const allRolledUp = (): Promise<void> =>
  until('all changes are rolled up', async () => {
    await rollUp.run();
    return (await database.query('SELECT 1 FROM status_changes LIMIT 1')).length === 0;
  });

type Change = 'begin' | 'complete' | 'fail' | 'retry' | 'touch' | 'erase' | 'agents' | 'tool';
type End = 'commit' | 'rollback' | 'kill';

const INSERT_WORKFLOW = `INSERT INTO workflows (id, principal_id, input_type, content, goal) VALUES ($1, 'x', 'user_prompt', '{}', 'g')`;

const ONE = 'id = (SELECT id FROM workflows ORDER BY md5(id::text || $1) LIMIT 1)';
const STATEMENTS: Readonly<Record<Exclude<Change, 'agents' | 'tool'>, string>> = {
  begin: `UPDATE workflows SET status = 'in_progress', started_at = now(), completed_at = NULL WHERE ${ONE}`,
  complete: `UPDATE workflows SET status = 'completed', started_at = now() - make_interval(secs => length($1) * 7.3), completed_at = now() WHERE ${ONE}`,
  fail: `UPDATE workflows SET status = 'failed', completed_at = now() WHERE ${ONE}`,
  retry: `UPDATE workflows SET status = 'in_progress', completed_at = NULL WHERE ${ONE}`,
  touch: `UPDATE workflows SET updated_at = now(), status = status WHERE ${ONE}`,
  erase: `DELETE FROM workflows WHERE ${ONE}`,
};

async function change(client: pg.Client, what: Change, salt: string): Promise<void> {
  if (what === 'agents') {
    const thoughtId = newId();
    await client.query(INSERT_WORKFLOW, [thoughtId]);
    await client.query(`INSERT INTO thought_trees (id, root_id, goal) VALUES ($1, $1, 'g')`, [thoughtId]);
    await client.query(
      `INSERT INTO agents (id, thought_tree_id, agent_type, agent_class, status)
       SELECT gen_random_uuid(), $1, 'task', 'c', (ARRAY['spawned', 'active', 'completed'])[n] FROM generate_series(1, 3) n`,
      [thoughtId],
    );
    // What hangs below goes with it.
    if (salt.length % 2 === 0) await client.query('DELETE FROM workflows WHERE id = $1', [thoughtId]);
    return;
  }
  if (what === 'tool') {
    const id = newId();
    await client.query(
      `INSERT INTO tool_executions (id, tool_name, tool_class, status, principal_id, executor_id, claim_id)
       VALUES ($1, 't', 'c', 'running', 'x', 'e', $1)`,
      [id],
    );
    await client.query(`UPDATE tool_executions SET status = $2, completed_at = now(), duration_ms = $3 WHERE id = $1`, [
      id,
      salt.length % 3 === 0 ? 'failed' : 'succeeded',
      salt.length * 41,
    ]);
    return;
  }
  await client.query(STATEMENTS[what], [salt]);
}

const aTransaction = fc.record({
  workflows: fc.integer({ min: 0, max: 4 }),
  changes: fc.array(
    fc.tuple(
      fc.constantFrom<Change>('begin', 'complete', 'fail', 'retry', 'touch', 'erase', 'agents', 'tool'),
      fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme-ascii' }),
    ),
    { maxLength: 5 },
  ),
  end: fc.constantFrom<End>('commit', 'commit', 'rollback', 'kill'),
});
type Work = typeof aTransaction extends fc.Arbitrary<infer Value> ? Value : never;

/** Some of what others do at the same time makes a deadlock or takes the row away: then it is rolled back, as ours would be. */
async function run({ workflows, changes, end }: Work): Promise<void> {
  const client = new pg.Client({ connectionString: app.config.database.url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query('BEGIN');
    for (let number = 0; number < workflows; number += 1) await client.query(INSERT_WORKFLOW, [newId()]);
    for (const [what, salt] of changes) await change(client, what, salt);
    if (end === 'kill') {
      const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await database.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
    } else await client.query(end);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    expect(['40P01', '57P01', '23514']).toContain(error.code);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** What chance may not reach in so few runs: each kind, in several states, for good. */
const SOME_OF_EACH: Work = {
  workflows: 4,
  changes: [
    ['agents', 'a'],
    ['tool', 'a'],
    ['tool', 'aaa'],
    ['complete', 'a'],
  ],
  end: 'commit',
};

it('counts are what a plain count finds, whatever is done at once, undone, or killed, and however it is rolled up', async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.array(aTransaction, { minLength: 1, maxLength: 8 }), async (work) => {
      await Promise.all([...work.map(run), rollUp.run(), expectTrue(), rollUp.run()]);
      await expectTrue();
      await rollUp.run();
      await expectTrue();
      for (const key of Object.keys((await counted()).plain)) seen.add(key);
    }),
    { numRuns: 8, examples: [[[SOME_OF_EACH]]] },
  );
  expect(seen.size).toBeGreaterThan(6);
}, 120_000);

it('a roll-up that dies leaves both the changes and the counts', async () => {
  await database.query(INSERT_WORKFLOW, [newId()]);
  const before = await counted();
  await expect(
    database.transaction(async (tx) => {
      await tx.query('LOCK TABLE status_changes IN ACCESS EXCLUSIVE MODE');
      const [self] = await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      const waiting = rollUp.run();
      waiting.catch(() => undefined);
      await until('the roll-up waits and is ended', async () => {
        // What a transaction has seen of the activity it sees until its end.
        await tx.query('SELECT pg_stat_clear_snapshot()');
        const ended = await tx.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE pid <> $1 AND datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%status_changes%'`,
          [self?.pid],
        );
        return ended.length > 0;
      });
      await waiting;
    }),
  ).rejects.toThrow(/terminat/);
  expect(await counted()).toEqual(before);
  expect(await rollUp.run()).toBeGreaterThan(0);
  expect(await counted()).toEqual(before);
});

it('every status that is stored is one that is shown', async () => {
  const { plain } = await counted();
  for (const key of Object.keys(plain)) {
    const [kind, status] = key.split(' ') as [CountedKind, string];
    expect(COUNTED[kind]).toContain(status);
  }
});

it('reads as little at 20,000 workflows as at none', async () => {
  await database.query(
    `INSERT INTO workflows (id, principal_id, input_type, content, goal, status, started_at, completed_at)
     SELECT gen_random_uuid(), 'x', 'user_prompt', '{}', 'many', (ARRAY['pending', 'in_progress'])[1 + n % 2], now(), NULL
       FROM generate_series(1, 20000) n`,
  );
  await database.query(
    `UPDATE workflows SET status = 'completed', completed_at = started_at + interval '1 second' WHERE goal = 'many'`,
  );
  await allRolledUp();
  await expectTrue();
  const [row] = await database.query<{ 'QUERY PLAN': object }>(`EXPLAIN (ANALYZE, FORMAT JSON) ${COUNTS}`);
  const plan = JSON.stringify(row?.['QUERY PLAN']);
  const relations = new Set([...plan.matchAll(/"Relation Name":"(\w+)"/g)].map(([, name]) => name));
  expect(relations).toEqual(new Set(['status_counts', 'status_changes']));
  const read = [...plan.matchAll(/"Actual Rows":([\d.]+)/g)].map(([, rows]) => Number(rows));
  expect(Math.max(...read)).toBeLessThan(1_000);
});
