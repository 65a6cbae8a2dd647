import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import pg from 'pg';
import { call, login, type Answer, type Tokens } from '../http/client.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { startModelServer, type ModelServer } from '../support/model-server.js';
import { cleanUpProcesses, startNyxProcess, type NyxProcess } from '../support/process.js';

const fresh = (): string => randomBytes(33).toString('base64url');
const DEPLOYMENT = {
  JWT_SECRET: fresh(),
  JWT_PREVIOUS_SECRETS: fresh(),
  NYX_API_KEY: fresh(),
  ANTHROPIC_API_KEY: `sk-ant-${fresh()}`,
  NYX_ADMIN_PASSWORD: fresh(),
};
const CALLERS = {
  'the password of a user': fresh(),
  'the next password of a user': fresh(),
  'a wrong password': fresh(),
  'a key of somebody else': `nyx_${fresh()}`,
};

let database: TestDatabase;
let model: ModelServer;
let nyx: NyxProcess;
/** By what they are called; those that NYX gives out come with its answers. */
const secrets: Record<string, string> = { ...DEPLOYMENT, ...CALLERS };
/** Answers whose business is not to give a secret out. */
const answers: string[] = [];
let commands: string[] = [];
let openApi = '';

const at = (path: string): string => `${nyx.url}/api/v1/${path}`;

async function said(answer: Promise<Answer>, status: number): Promise<void> {
  const { status: actual, body, headers } = await answer;
  const text = JSON.stringify(body);
  answers.push(`${text}\n${JSON.stringify([...headers])}`);
  if (actual !== status) throw new Error(`answered ${actual}, not ${status}: ${text}`);
}

function given(who: string, tokens: Tokens): Record<string, string> {
  secrets[`an access token of ${who}`] = tokens.access_token;
  secrets[`a refresh token of ${who}`] = tokens.refresh_token;
  return { authorization: `Bearer ${tokens.access_token}` };
}

async function signInAndOut(): Promise<Record<string, string>> {
  const { 'the password of a user': password = '', 'the next password of a user': next = '' } = secrets;
  const first = await login(nyx.url, 'admin', DEPLOYMENT.NYX_ADMIN_PASSWORD);
  given('the admin', first);
  const refresh = { refresh_token: first.refresh_token };
  const second = (await call<Tokens>(at('auth/refresh'), { body: refresh })).body;
  const admin = given('the refreshed admin', second);
  await said(call(at('auth/users'), { headers: admin, body: { username: 'uma', password, role: 'operator' } }), 201);
  const user = given('a user', await login(nyx.url, 'uma', password));
  const change = { current_password: password, new_password: next };
  await said(call(at('auth/password'), { headers: user, body: change }), 204);
  const idempotent = { ...admin, 'idempotency-key': 'one-key' };
  const body = { name: 'reports', role: 'operator' };
  const made = await call<{ key: string }>(at('auth/api-keys'), { headers: idempotent, body });
  expect(made.status).toBe(201);
  secrets['an API key'] = made.body.key;
  return { 'x-api-key': made.body.key };
}

async function fail(): Promise<void> {
  const { 'a wrong password': wrong = '', 'a key of somebody else': foreign = '' } = secrets;
  const password = DEPLOYMENT.NYX_ADMIN_PASSWORD;
  const used = { refresh_token: secrets['a refresh token of the admin'] };
  await said(call(at('auth/login'), { body: { username: 'admin', password: wrong } }), 401);
  await said(call(at('auth/login'), { body: { username: 'admin', password, passwort: password } }), 400);
  await said(call(at('auth/login'), { body: { username: { name: password }, password: [password] } }), 400);
  await said(call(at('auth/refresh'), { body: used }), 401);
  await said(call(at('auth/me'), { headers: { 'x-api-key': foreign } }), 401);
  await said(call(at(`tools/available?api_key=${DEPLOYMENT.NYX_API_KEY}`)), 401);
  const deployment = { 'x-api-key': DEPLOYMENT.NYX_API_KEY };
  await said(call(at(`nowhere?token=${DEPLOYMENT.NYX_API_KEY}`), { headers: deployment }), 404);
  await said(call(at('auth/users'), { headers: deployment, body: { username: 'u', password } }), 400);
  const broken = await fetch(at('auth/login'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: `{"username":"admin","password":"${password}"`,
  });
  answers.push(await broken.text());
}

async function work(headers: Record<string, string>): Promise<void> {
  const body = { input_type: 'user_prompt', content: { prompt: 'Say hello.' } };
  await said(call(at('orchestrator/workflows/execute'), { headers, body }), 200);
  model.script({ status: 401, errorType: 'authentication_error', errorMessage: `key ${DEPLOYMENT.ANTHROPIC_API_KEY}` });
  await said(call(at('orchestrator/workflows/execute'), { headers, body }), 200);
  await call(at('llm/generate'), { headers, body: { user_prompt: 'Hello.' } }).then(({ body: problem }) =>
    answers.push(JSON.stringify(problem)),
  );
}

/** Command lines of every process there is. */
async function processList(): Promise<string[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  return Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
}

beforeAll(async () => {
  [database, model] = await Promise.all([createTestDatabase(), startModelServer()]);
  nyx = await startNyxProcess({
    env: { ...DEPLOYMENT, DATABASE_URL: database.url, ANTHROPIC_BASE_URL: model.url, LOG_LEVEL: 'debug' },
  });
  const key = await signInAndOut();
  await fail();
  await work(key);
  openApi = await (await fetch(`${nyx.url}/openapi.json`)).text();
  commands = await processList();
  nyx.kill('SIGTERM');
  await nyx.exited;
}, 120_000);
afterAll(async () => {
  await cleanUpProcesses();
  await model.close();
  await database.drop();
});

/** Names of the secrets that stand in a text. */
const heldBy = (text: string): string[] =>
  Object.entries(secrets).flatMap(([name, secret]) => (text.includes(secret) ? [name] : []));

it('there are secrets to be found', () => {
  expect(Object.keys(secrets)).toHaveLength(16);
  expect(Object.values(secrets).every((secret) => secret.length > 30)).toBe(true);
  expect(heldBy(`x${DEPLOYMENT.JWT_SECRET}x`)).toEqual(['JWT_SECRET']);
});

it('no secret is in the log, at its debug level', () => {
  expect(nyx.stdout()).toContain('"level":"debug"');
  expect(nyx.stdout()).toContain('/api/v1/auth/login');
  expect(heldBy(nyx.stdout())).toEqual([]);
  expect(heldBy(nyx.stderr())).toEqual([]);
});

it('no secret is in an answer whose business it is not, error or other', () => {
  expect(answers.length).toBeGreaterThan(12);
  expect(answers.flatMap(heldBy)).toEqual([]);
});

it('no secret is in any table: not in the audit log, events, idempotent answers, or anywhere else', async () => {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    const tables = await client.query<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname IN ('public', 'durable')`,
    );
    const found: string[] = [];
    const filled: string[] = [];
    for (const { name } of tables.rows) {
      const { rows } = await client.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`);
      if (rows.length > 0) filled.push(name);
      found.push(...heldBy(rows.map(({ row }) => row).join('\n')).map((secret) => `${secret} in ${name}`));
    }
    expect(filled).toEqual(
      expect.arrayContaining(['public.audit_log', 'public.workflow_events', 'public.api_keys', 'public.users']),
    );
    expect(found).toEqual([]);
  } finally {
    await client.end();
  }
});

it('no secret is in the API description, and what looks like one there is made up', () => {
  expect(heldBy(openApi)).toEqual([]);
  const alike = openApi.match(/(?:nyxr?_(?!workflows_)|sk-ant-)[\w-]{16,}|eyJ[\w-]{8,}\.[\w-]+\.[\w-]+/g) ?? [];
  expect(alike.length).toBeGreaterThan(0);
  // The payload of that token is an empty object.
  expect(alike.filter((text) => !/example|\.e30\./.test(text))).toEqual([]);
});

it('no secret is in the list of processes', () => {
  if (process.platform === 'linux')
    expect(commands.some((command) => command.includes('dist/programs/main.js'))).toBe(true);
  expect(heldBy(commands.join('\n'))).toEqual([]);
});
