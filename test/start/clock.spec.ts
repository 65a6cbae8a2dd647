import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { parseMetrics, total } from '../telemetry/prometheus-text.js';
import { describeWithProgram } from '../support/needed-program.js';
import { cleanUpProcesses, newDataDir, startNyxProcess } from '../support/process.js';
import { until } from '../support/until.js';
import { doctor } from './doctor-process.js';
import { refusal } from './refusal.js';

const PASSWORD = 'the admin of this test';

let database: TestDatabase;
let empty: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  empty = await createTestDatabase({ empty: true });
});
afterAll(async () => {
  await cleanUpProcesses();
  await database.drop();
  await empty.drop();
});

/** The wall clock of a process as it is off by so many seconds; time passes as ever. */
function wallClock(offset: string): Record<string, string> {
  const library = execFileSync('faketime', ['-f', '+0', 'printenv', 'LD_PRELOAD'], { encoding: 'utf8' }).trim();
  return { LD_PRELOAD: library, FAKETIME: offset, FAKETIME_DONT_FAKE_MONOTONIC: '1' };
}

/**
 * Which version of every row there is, by table, and of the catalogs as well, so that whoever writes, creates or alters anything is seen.
 * Left out is what the whole cluster shares, and the statistics of autovacuum.
 */
async function versions({ url }: TestDatabase): Promise<Record<string, string>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string; kind: string }>(
      `SELECT oid::regclass::text AS name, relkind AS kind FROM pg_class
        WHERE relkind IN ('r', 'S') AND NOT relisshared AND relname NOT LIKE 'pg_statistic%' ORDER BY 1`,
    );
    const all: Record<string, string> = {};
    for (const { name, kind } of tables) {
      const row = kind === 'S' ? 'concat(last_value, is_called)' : 'concat(xmin, ctid)';
      const { rows } = await client.query<{ row: string }>(`SELECT ${row} AS row FROM ${name} ORDER BY ctid`);
      all[name] = rows.map((version) => version.row).join('\n');
    }
    return all;
  } finally {
    await client.end();
  }
}

interface Health {
  readonly status: string;
  readonly error?: string;
  readonly components: { readonly clock: { readonly status: string; readonly skew_seconds: number } };
}

it('what a start writes would be seen', async () => {
  const [before, untouched] = [await versions(empty), await versions(empty)];
  expect(untouched).toEqual(before);
  const client = new pg.Client({ connectionString: empty.url });
  await client.connect();
  const changes: string[][] = [];
  for (const statement of [
    'CREATE TABLE a (b int)',
    'INSERT INTO a VALUES (1)',
    'UPDATE a SET b = b',
    'DROP TABLE a',
  ]) {
    const last = await versions(empty);
    await client.query(statement);
    const now = await versions(empty);
    changes.push(Object.keys({ ...last, ...now }).filter((name) => last[name] !== now[name]));
  }
  await client.end();
  const ofTable = expect.arrayContaining(['a', 'pg_class', 'pg_attribute']) as string[];
  expect(changes).toEqual([ofTable, ['a'], ['a'], ofTable]);
});

describeWithProgram('faketime', 'NYX with a clock that is off', () => {
  it.each([
    ['+3600', 'ahead of'],
    ['-3600', 'behind'],
  ])(
    'by %s s does not start, nor does the doctor let it pass, and neither writes or migrates anything',
    async (offset, which) => {
      const before = [await versions(database), await versions(empty)];
      const env = { DATABASE_URL: database.url, ...wallClock(offset) };
      const sentence = new RegExp(
        `The clock of this machine is 3[56]\\d\\d\\.\\d s ${which} the database's, .* synchronise both`,
      );
      expect(await refusal({ env })).toMatch(sentence);
      const { code, findings } = await doctor(await newDataDir(), env);
      expect([code, findings.clock]).toEqual([1, expect.stringMatching(/^WRONG: The clock /)]);
      expect(findings.clock).toMatch(sentence);
      expect(findings.database).toMatch(/^ok: /);
      expect(await refusal({ env: { ...env, DATABASE_URL: empty.url } })).toMatch(sentence);
      expect([await versions(database), await versions(empty)]).toEqual(before);
    },
    300_000,
  );

  it('a little works; a jump while it runs is told, and heals', async () => {
    const dataDir = await newDataDir();
    const file = join(dataDir, 'offset');
    const jump = (offset: string): Promise<void> => writeFile(file, `${offset}\n`);
    await jump('+2');
    const { FAKETIME: _, ...faked } = wallClock('');
    const clock = { ...faked, FAKETIME_TIMESTAMP_FILE: file, FAKETIME_CACHE_DURATION: '1' };
    const env = { DATABASE_URL: database.url, NYX_ADMIN_PASSWORD: PASSWORD, ...clock };
    const nyx = await startNyxProcess({ dataDir, env });
    const json = { 'content-type': 'application/json' };
    const login = await fetch(`${nyx.url}/api/v1/auth/login`, {
      method: 'POST',
      headers: json,
      body: JSON.stringify({ username: 'admin', password: PASSWORD }),
    });
    const { access_token: token } = (await login.json()) as { access_token: string };
    const headers = { ...json, authorization: `Bearer ${token}` };
    const health = async (): Promise<Health> =>
      (await (await fetch(`${nyx.url}/api/v1/system/health`, { headers })).json()) as Health;
    await until('all is well', async () => (await health()).status === 'healthy');
    expect((await health()).components.clock.status).toBe('healthy');

    await jump('+90');
    await until('it is told', async () => (await health()).components.clock.status === 'degraded');
    const told = await health();
    expect(told).toMatchObject({
      status: 'degraded',
      error: "The clock of this replica is too far from the database's.",
    });
    expect(told.components.clock.skew_seconds).toBeLessThan(-80);
    const scrape = async (): Promise<string> => (await fetch(`${nyx.url}/metrics`, { headers })).text();
    await until('the metric tells it', async () => total(parseMetrics(await scrape()), 'nyx_clock_skew_seconds') < -80);
    expect((await fetch(`${nyx.url}/readyz`)).status).toBe(200);
    const body = JSON.stringify({ input_type: 'user_prompt', content: { prompt: 'What is a river?' } });
    const run = await fetch(`${nyx.url}/api/v1/orchestrator/workflows/execute`, { method: 'POST', headers, body });
    expect([run.status, await run.json()]).toEqual([200, expect.objectContaining({ success: true })]);

    await jump('+0');
    await until('it is well again', async () => (await health()).status === 'healthy');
    nyx.kill();
    expect((await nyx.exited).code).toBe(0);
  }, 300_000);
});
