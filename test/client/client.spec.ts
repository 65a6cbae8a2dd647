import { NyxClient, NyxProblem } from '../../clients/typescript/src/index.js';
import { Sessions } from '../../src/auth/sessions.service.js';
import { Database } from '../../src/database/database.service.js';
import { startApp, type TestApp } from '../support/app.js';
import { until } from '../support/until.js';

let nyx: TestApp;
beforeAll(async () => {
  nyx = await startApp();
});
afterAll(() => nyx.close());

const PASSWORD = 'a password of somebody here';
let made = 0;

const admin = async (): Promise<NyxClient> => new NyxClient({ url: nyx.url, token: await nyx.token('admin') });

/** A client that has signed in as a user of its own, and the id of that user. */
async function somebody(): Promise<{ id: string; client: NyxClient }> {
  made += 1;
  const username = `somebody-${made}`;
  const body = { username, password: PASSWORD, role: 'operator' } as const;
  const { id } = await (await admin()).post('/api/v1/auth/users', { body });
  const client = new NyxClient({ url: `${nyx.url}/` });
  await client.signIn(username, PASSWORD);
  return { id, client };
}

/** Ends the access tokens of a user, as time does, not the session. */
const endTokens = (id: string): Promise<unknown> =>
  nyx.app
    .get(Sessions)
    .change((tx) => tx.query('UPDATE users SET token_version = token_version + 1 WHERE id = $1', [id]));

async function renewalsOf(id: string): Promise<number | undefined> {
  const [found] = await nyx.app
    .get(Database)
    .query<{ renewals: number }>(
      `SELECT count(*)::int AS renewals FROM audit_log WHERE actor_id = $1 AND action = 'refreshTokens'`,
      [id],
    );
  return found?.renewals;
}

const problemOf = async (asked: Promise<unknown>): Promise<NyxProblem> => {
  const problem: unknown = await asked.catch((error: unknown) => error);
  if (!(problem instanceof NyxProblem)) throw new Error(`This is no problem: ${String(problem)}`);
  return problem;
};

const me = '/api/v1/auth/me';

describe('a client', () => {
  it('asks with the types of the description', async () => {
    const { client } = await somebody();
    const accepted = await client.post('/api/v1/orchestrator/workflows/execute', {
      params: { header: { Prefer: 'wait=60' } },
      body: { input_type: 'user_prompt', content: { prompt: 'Say hello.' }, priority: 'high' },
    });
    const workflow = await client.get('/api/v1/orchestrator/workflows/{id}', {
      params: { path: { id: accepted.workflow_id } },
    });
    expect(workflow).toMatchObject({ workflow_id: accepted.workflow_id, status: 'completed', success: true });
    const { items } = await client.get('/api/v1/orchestrator/workflows', { params: { query: { limit: 1 } } });
    expect(items.map(({ workflow_id: id }) => id)).toEqual([accepted.workflow_id]);
    // @ts-expect-error there is no such route
    expect((await problemOf(client.get('/api/v1/nowhere'))).error_code).toBe('NOT_FOUND');
    // @ts-expect-error the body is missing
    expect((await problemOf(client.post('/api/v1/tools/execute'))).status).toBe(400);
  });

  it('sends files and gets them back', async () => {
    const { client } = await somebody();
    const text = { path: { path: 'note.txt' } };
    const bytes = { path: { path: 'dot.png' } };
    await client.put('/api/v1/tools/files/{path}', { params: text, body: 'ünï' });
    await client.put('/api/v1/tools/files/{path}', { params: bytes, body: new Blob([new Uint8Array([137, 0, 255])]) });
    expect(await client.get('/api/v1/tools/files/{path}', { params: text })).toBe('ünï');
    const file = await client.get('/api/v1/tools/files/{path}', { params: bytes });
    expect(file instanceof Blob && new Uint8Array(await file.arrayBuffer())).toEqual(new Uint8Array([137, 0, 255]));
    const again: Blob = await client.get('/api/v1/tools/files/{path}', { params: text, parseAs: 'blob' });
    expect(again.size).toBe(5);
    expect(await client.get('/api/v1/tools/files')).toMatchObject({
      items: [{ name: 'dot.png' }, { name: 'note.txt' }],
    });
    await client.delete('/api/v1/tools/files/{path}', { params: text });
    expect((await problemOf(client.get('/api/v1/tools/files/{path}', { params: text }))).status).toBe(404);
  });

  it('gets what is no JSON as text, or as it comes', async () => {
    const { client } = await somebody();
    const metrics: string = await new NyxClient({ url: nyx.url, token: await nyx.token('admin') }).get('/metrics');
    expect(metrics).toContain('nyx_workflows_running');
    const body = { user_prompt: 'Say hello.', stream: true };
    expect(await client.post('/api/v1/llm/generate', { body })).toContain('event: done');
    const stream = await client.post('/api/v1/llm/generate', { body, parseAs: 'stream' });
    expect(await new Response(stream).text()).toContain('event: done');
    const { workflow_id: id } = await client.post('/api/v1/orchestrator/workflows/execute', {
      params: { header: { Prefer: 'wait=60' } },
      body: { input_type: 'user_prompt', content: { prompt: 'Say hello.' } },
    });
    // Undefined where none will come.
    const events: string | undefined = await client.get('/api/v1/orchestrator/workflows/{id}/events', {
      params: { path: { id } },
    });
    expect(events).toContain('event: workflow.completed');
  });

  it('asks with an API key', async () => {
    const { key } = await (await admin()).post('/api/v1/auth/api-keys', { body: { name: 'script', role: 'viewer' } });
    expect(await new NyxClient({ url: nyx.url, apiKey: key }).get(me)).toMatchObject({
      kind: 'api_key',
      role: 'viewer',
    });
  });

  it('throws what NYX refuses, with what is wrong', async () => {
    const { client } = await somebody();
    const wrong = await problemOf(client.post('/api/v1/llm/generate', { body: { user_prompt: 'Hi', temperature: 7 } }));
    expect(wrong).toMatchObject({ name: 'NyxProblem', status: 400, error_code: 'VALIDATION_ERROR' });
    expect(wrong.errors).toEqual([{ field: 'temperature', message: expect.any(String) as string }]);
    expect(wrong.message).toBe(wrong.detail);
    expect((await problemOf(client.get('/api/v1/auth/users'))).error_code).toBe('FORBIDDEN');
    expect((await problemOf(new NyxClient({ url: nyx.url }).get(me))).error_code).toBe('UNAUTHENTICATED');
  });

  it('says how long to wait', async () => {
    const client = new NyxClient({ url: nyx.url });
    let problem: NyxProblem | undefined;
    for (let tries = 0; tries < 30 && problem?.status !== 429; tries += 1)
      problem = await problemOf(client.signIn('nobody-of-this-name', 'a wrong password'));
    expect(problem).toMatchObject({ status: 429, error_code: 'RATE_LIMITED', isPassing: true });
    expect(problem?.retryAfterSeconds).toBeGreaterThan(0);
  });
});

/** Nobody gets a session of that user renewed until `end`. */
async function holdRenewal(id: string): Promise<{ untilAsked: () => Promise<void>; end: () => Promise<void> }> {
  const database = nyx.app.get(Database);
  const holder = await database.pool.connect();
  await holder.query('BEGIN');
  await holder.query('SELECT FROM sessions WHERE user_id = $1 FOR UPDATE', [id]);
  const waiting = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query ~ 'sessions'`;
  return {
    untilAsked: () => until('it is asked for', async () => (await database.query(waiting)).length > 0),
    end: async () => {
      await holder.query('ROLLBACK');
      holder.release();
    },
  };
}

it.each([
  ['LLM_UNAVAILABLE', undefined, true],
  ['VALIDATION_ERROR', undefined, false],
  ['BUDGET_EXCEEDED', 60, true],
  ['BUDGET_EXCEEDED', undefined, false],
] as const)(
  'a problem %s with a wait of %s seconds: it is passing is %s',
  (error_code, retry_after_seconds, isPassing) => {
    const problem = { error_code, message: 'No.', ...(retry_after_seconds !== undefined && { retry_after_seconds }) };
    expect(NyxProblem.ofSocket(problem).isPassing).toBe(isPassing);
  },
);

describe('a session', () => {
  it('keeps nobody waiting for its renewal who no longer wants to', async () => {
    const { id, client } = await somebody();
    await endTokens(id);
    const renewal = await holdRenewal(id);
    const stop = new AbortController();
    const [leaving, staying] = [client.get(me, { signal: stop.signal }), client.get(me)];
    await renewal.untilAsked();
    stop.abort(new Error('enough'));
    await expect(leaving).rejects.toThrow('enough');
    await renewal.end();
    expect((await staying).id).toBe(id);
    expect(await renewalsOf(id)).toBe(1);
  });

  it('is that of who signed in last, also where one before is just being renewed', async () => {
    const [before, after] = [await somebody(), await somebody()];
    await endTokens(before.id);
    const renewal = await holdRenewal(before.id);
    const asked = before.client.get(me);
    await renewal.untilAsked();
    await before.client.signIn(`somebody-${made}`, PASSWORD);
    await renewal.end();
    await asked;
    expect((await before.client.get(me)).id).toBe(after.id);
  });

  it('is renewed once, however many were refused together', async () => {
    const { id, client } = await somebody();
    await endTokens(id);
    const answers = await Promise.all(Array.from({ length: 10 }, () => client.get(me)));
    expect(answers.map((answer) => answer.id)).toEqual(Array.from({ length: 10 }, () => id));
    expect(await renewalsOf(id)).toBe(1);
  });

  it('is not renewed for a wrong password, or a refresh token that is none', async () => {
    const { id, client } = await somebody();
    const body = { username: 'somebody-1', password: 'a wrong password' };
    expect((await problemOf(client.post('/api/v1/auth/login', { body }))).status).toBe(401);
    const mistaken = { refresh_token: 'none' };
    expect((await problemOf(client.post('/api/v1/auth/refresh', { body: mistaken }))).status).toBe(401);
    expect(await renewalsOf(id)).toBe(0);
  });

  it('sends the body again that was refused', async () => {
    const { id, client } = await somebody();
    await endTokens(id);
    const body = { user_prompt: 'Say hello.' };
    expect(await client.post('/api/v1/llm/generate', { body })).toMatchObject({ success: true });
  });

  it('that was ended is the problem of who asks', async () => {
    const { id, client } = await somebody();
    await (await admin()).delete('/api/v1/auth/users/{id}', { params: { path: { id } } });
    expect(await problemOf(client.get(me))).toMatchObject({ status: 401, error_code: 'UNAUTHENTICATED' });
    expect(await problemOf(client.get(me))).toMatchObject({ status: 401, error_code: 'UNAUTHENTICATED' });
  });
});
