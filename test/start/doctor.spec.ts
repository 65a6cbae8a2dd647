import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
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

it('examines beside a NYX that runs, and its database when it is stopped', async () => {
  const model = await startModelServer();
  const env = { ANTHROPIC_API_KEY: 'a-key-of-the-test', ANTHROPIC_BASE_URL: model.url };
  const nyx = await startNyxProcess({ env });
  const beside = await doctor(nyx.dataDir, env);
  expect(beside.findings).toMatchObject({
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
