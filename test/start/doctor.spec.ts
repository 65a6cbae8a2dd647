import { once } from 'node:events';
import { chmod, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { migrations } from '../../migrations/index.js';
import { EmbeddedPostgres } from '../../src/database/embedded-postgres.js';
import { migrateDatabase } from '../../src/database/migrate.js';
import { createTestDatabase } from '../support/database.js';
import { startModelServer } from '../support/model-server.js';
import { cleanUpProcesses, newDataDir, startNyxProcess } from '../support/process.js';
import { doctor } from './doctor-process.js';

afterAll(cleanUpProcesses);

it('finds nothing wrong where NYX never started, and makes nothing', async () => {
  const { code, findings, said } = await doctor(await newDataDir());
  expect([code, said]).toEqual([0, expect.stringContaining('NYX can work here.')]);
  expect(findings).toMatchObject({
    configuration: expect.stringMatching(/^ok: /) as string,
    'data folder': expect.stringMatching(/^ok: .* can be written; [\d.]+ GiB are free\.$/) as string,
    database: expect.stringMatching(/^note: There is none in .* yet: the first start makes one\.$/) as string,
    model: expect.stringMatching(/^note: ANTHROPIC_API_KEY is not set/) as string,
  });
}, 180_000);

it('notes a variable whose name nobody reads', async () => {
  const { code, said } = await doctor(await newDataDir(), { LLM_DAILY_BUDGT_USD: '1' });
  expect([code, said]).toEqual([
    0,
    expect.stringMatching(/^note +configuration +LLM_DAILY_BUDGT_USD is set, .*: use LLM_DAILY_BUDGET_USD\.$/m),
  ]);
}, 180_000);

it('examines beside a NYX that runs, and its database when it is stopped', async () => {
  const model = await startModelServer();
  const env = { ANTHROPIC_API_KEY: 'a-key-of-the-test', ANTHROPIC_BASE_URL: model.url };
  const nyx = await startNyxProcess({ env });
  const beside = await doctor(nyx.dataDir, { ...env, PORT: new URL(nyx.url).port });
  expect(beside.findings).toMatchObject({
    address: `ok: A NYX listens on ${nyx.url}.`,
    secrets: expect.stringMatching(/^ok: /) as string,
    database: expect.stringMatching(/^ok: PostgreSQL 18/) as string,
    schema: expect.stringMatching(/^ok: All \d+ migrations have run\.$/) as string,
    replicas: expect.stringMatching(/^ok: 1 run, and 0 workflows have not ended\.$/) as string,
    clock: expect.stringMatching(/^ok: /) as string,
    model: expect.stringMatching(/^ok: http:.* takes the key and has \d+ models\.$/) as string,
  });
  expect(beside.code).toBe(0);
  expect((await fetch(`${nyx.url}/readyz`)).status).toBe(200);
  nyx.kill();
  expect((await nyx.exited).code).toBe(0);

  await model.close();
  await chmod(join(nyx.dataDir, 'jwt-secret'), 0o644);
  const stopped = await doctor(nyx.dataDir, env);
  expect(stopped.findings).toMatchObject({
    secrets: expect.stringMatching(/^WRONG: Others may read .*jwt-secret: chmod 600\.$/) as string,
    database: expect.stringMatching(/^ok: /) as string,
    replicas: expect.stringMatching(/^ok: 0 run/) as string,
    model: expect.stringMatching(/^WRONG: http:.* cannot be reached: check ANTHROPIC_BASE_URL/) as string,
  });
  expect([stopped.code, stopped.said]).toEqual([1, expect.stringContaining('see what is WRONG')]);

  // It ended the database that it started.
  const again = await startNyxProcess({ dataDir: nyx.dataDir });
  expect(again.stdout()).toContain('Started the embedded PostgreSQL');
  again.kill();
  await again.exited;
}, 600_000);

it('says what is wrong with a database from outside, without its password', async () => {
  const database = await createTestDatabase({ empty: true });
  const folder = await newDataDir();
  const empty = await doctor(folder, { DATABASE_URL: database.url });
  expect(empty.findings).toMatchObject({
    database: expect.stringMatching(/^ok: PostgreSQL/) as string,
    schema: expect.stringMatching(/^note: The database is empty: the first start migrates it\.$/) as string,
    replicas: 'ok: None runs.',
  });
  expect(empty.code).toBe(0);
  const wrong = new URL(database.url);
  wrong.password = 'not-the-password';
  const refused = await doctor(folder, { DATABASE_URL: wrong.href });
  expect(refused.findings.database).toMatch(
    /^WRONG: DATABASE_URL: NYX cannot connect to .* password authentication failed/,
  );
  expect([refused.code, refused.said]).toEqual([1, expect.not.stringContaining('not-the-password')]);
  await database.drop();
}, 180_000);

it('tells who does not run, what waits for them, and which release migrated', async () => {
  const database = await createTestDatabase();
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const dataDir = await newDataDir();
  const examine = (): ReturnType<typeof doctor> => doctor(dataDir, { DATABASE_URL: database.url });

  await client.query(
    `INSERT INTO workflows (id, principal_id, input_type, content, goal) VALUES (gen_random_uuid(), 'p', 'user_prompt', '{}', 'g')`,
  );
  const waiting = await examine();
  expect([waiting.code, waiting.findings.replicas]).toEqual([
    0,
    'note: 0 run, and 1 workflows have not ended. They go on when NYX starts.',
  ]);

  await client.query(
    `INSERT INTO executors (id, status, lock_key, version, last_beat_at)
     VALUES ('beats', 'live', 1, 'nyx-1', now() + interval '1 hour'), ('silent', 'live', 2, 'nyx-1', now() - interval '1 hour')`,
  );
  await client.query(
    `INSERT INTO durable.workflow_status (workflow_uuid, status, application_version) VALUES ('old', 'ENQUEUED', 'nyx-0')`,
  );
  await client.query(`INSERT INTO migrations (timestamp, name) VALUES (9999999999999, 'Later9999999999999')`);
  const silent = await examine();
  expect(silent.findings).toMatchObject({
    replicas: expect.stringMatching(/^WRONG: 1 run, .* 1 are silent and nobody takes over their work: /) as string,
    workflows: expect.stringMatching(/^WRONG: Workflows wait .* \(1 of nyx-0\), and no replica of it runs/) as string,
    schema: expect.stringMatching(/^note: It was migrated by a newer NYX \(Later9999999999999\): upgrade/) as string,
  });
  expect(silent.code).toBe(1);
  await client.end();
  await database.drop();
}, 180_000);

it('tells migrations that are pending', async () => {
  const database = await createTestDatabase({ empty: true });
  const names = migrations.map(({ name }) => name);
  await migrateDatabase(database.url, names.slice(0, -2));
  const { code, findings } = await doctor(await newDataDir(), { DATABASE_URL: database.url });
  const sentence = `note: 2 migrations are pending, from ${names.at(-2) ?? ''} on: the next start runs them, or`;
  expect([code, findings.schema]).toEqual([0, expect.stringContaining(sentence)]);
  await database.drop();
}, 180_000);

it('tells that hardly a connection is left, and counts as used only what others could have', async () => {
  const dataDir = await newDataDir();
  const settings = { max_connections: '20', autovacuum: 'off', fsync: 'off' };
  const server = await EmbeddedPostgres.start({ dataDir, usualPort: 0, settings });
  const clients = Array.from({ length: 15 }, () => new pg.Client({ connectionString: server.url }));
  const examine = (): ReturnType<typeof doctor> => doctor(dataDir, { DATABASE_URL: server.url });
  try {
    expect((await examine()).findings.database).toMatch(/^ok: .* [1-4] of 20 connections are in use\.$/);
    await Promise.all(clients.map((client) => client.connect()));
    const { code, findings } = await examine();
    expect([code, findings.database]).toEqual([
      0,
      expect.stringMatching(/^note: .* 1[6-9] of 20 connections .* about 25: raise max_connections\.$/),
    ]);
  } finally {
    await Promise.all(clients.map((client) => client.end()));
    await server.stop();
  }
}, 180_000);

it.each([
  [404, 0, /^note: http:.* answers, but has no list of models, so the key was not tried\.$/],
  [529, 1, /^WRONG: http:.* answers 529: look at its status page, or try again\.$/],
])(
  'tells a model server that answers %i',
  async (status, code, sentence) => {
    const model = await startModelServer();
    model.listModels({ status });
    const env = { ANTHROPIC_API_KEY: 'a-key-of-the-test', ANTHROPIC_BASE_URL: model.url };
    const examined = await doctor(await newDataDir(), env);
    expect([examined.code, examined.findings.model]).toEqual([code, expect.stringMatching(sentence)]);
    await model.close();
  },
  180_000,
);

it('tells a port that another program has, or that is free', async () => {
  const other = createServer((_request, response) => response.end('{"message":"another"}')).listen(0, '127.0.0.1');
  await once(other, 'listening');
  const port = String((other.address() as AddressInfo).port);
  const dataDir = await newDataDir();
  const taken = await doctor(dataDir, { PORT: port });
  expect([taken.code, taken.findings.address]).toEqual([
    1,
    `WRONG: PORT: another program already listens on 127.0.0.1:${port}: stop it, or set PORT to a free port.`,
  ]);
  other.closeAllConnections();
  await new Promise((closed) => other.close(closed));
  const free = await doctor(dataDir, { PORT: port });
  expect([free.code, free.findings.address]).toEqual([0, `ok: NYX can listen on http://127.0.0.1:${port}.`]);
}, 180_000);

it('notes models of the configuration that the server does not list', async () => {
  const model = await startModelServer();
  const free = { input: 0, output: 0, cache_write_5m: 0, cache_write_1h: 0, cache_read: 0 };
  const env = {
    ANTHROPIC_API_KEY: 'a-key-of-the-test',
    ANTHROPIC_BASE_URL: model.url,
    LLM_PRICES: JSON.stringify({ 'llama-local': free, 'qwen-local': free }),
    LLM_DEFAULT_MODEL: 'llama-local',
    LLM_MODEL_ALIASES: 'best=qwen-local',
  };
  const { code, findings } = await doctor(await newDataDir(), env);
  const missing = /^note: http:.* takes the key and does not list llama-local, best \(qwen-local\): calls that ask for/;
  expect([code, findings.model]).toEqual([0, expect.stringMatching(missing)]);
  await model.close();
}, 180_000);

it('tells a key that is refused, a sandbox that is missing, and folders that cannot be used', async () => {
  const model = await startModelServer();
  model.listModels({ status: 401 });
  const folder = await newDataDir();
  await writeFile(join(folder, 'file'), '');
  const { code, findings } = await doctor(folder, {
    NYX_WORKSPACE: join(folder, 'file'),
    PATH: join(folder, 'no-programs'),
    NYX_REQUIRE_SANDBOX: '1',
    NYX_ARCHIVE_DIR: '/proc/archive',
    ANTHROPIC_API_KEY: 'a-key-of-the-test',
    ANTHROPIC_BASE_URL: model.url,
  });
  expect(findings).toMatchObject({
    model: expect.stringMatching(/^WRONG: http:.* refuses the key: check ANTHROPIC_API_KEY\.$/) as string,
    workspace: expect.stringMatching(/^WRONG: .* is a file: set NYX_WORKSPACE to a folder\.$/) as string,
    sandbox: expect.stringMatching(/^WRONG: NYX_REQUIRE_SANDBOX is set\. .* answer 503\.$/) as string,
  });
  expect(code).toBe(1);
  await model.close();
}, 180_000);

it('tells a data folder that is none, also where nothing has to be kept in it', async () => {
  const folder = await newDataDir();
  const file = join(folder, 'file');
  await writeFile(file, '');
  const env = { NYX_DATA_DIR: file, JWT_SECRET: 'k7Jq-2mWz0Rt5Yb8Xc1Vn4Lp9Df3Gh6s' };
  const { code, findings, said } = await doctor(folder, env);
  expect(findings).toMatchObject({
    'data folder': `WRONG: ${file} is a file: set NYX_DATA_DIR to a folder.`,
    database: expect.stringMatching(/^WRONG: NYX cannot [^\n]* NYX_DATA_DIR to another folder\.$/) as string,
  });
  expect([code, said]).toEqual([1, expect.not.stringMatching(/\n\s+at /)]);
}, 180_000);

it.each(['hid%E4den', 'hidden'])(
  'ends in one sentence where the URL of a database cannot be used',
  async (password) => {
    const url = `postgresql://nyx:${password}@127.0.0.1:1/nyx?sslrootcert=/etc/nothing`;
    const { code, findings, said } = await doctor(await newDataDir(), { DATABASE_URL: url });
    expect([code, said]).toEqual([1, expect.stringMatching(/^WRONG configuration [^\n]*DATABASE_URL [^\n]+\.\n$/)]);
    expect(findings.configuration).not.toMatch(/hid/);
  },
  180_000,
);

it('ends with the variable that is wrong', async () => {
  const { code, findings } = await doctor(await newDataDir(), { PORT: 'eighty' });
  expect([code, Object.keys(findings)]).toEqual([1, ['configuration']]);
  expect(findings.configuration).toMatch(/^WRONG: PORT /);
}, 180_000);
