import { Database } from '../../src/database/database.service.js';
import { startApp, type TestApp } from '../support/app.js';
import { startModelServer, type ModelServer } from '../support/model-server.js';
import { until } from '../support/until.js';

const GENERATE = '/api/v1/llm/generate';
const WORKFLOWS = '/api/v1/orchestrator/workflows';

describe('the emergency stop', () => {
  let app: TestApp;
  let server: ModelServer;

  beforeAll(async () => {
    server = await startModelServer();
    app = await startApp({ llm: { apiKey: 'test-key', baseUrl: server.url } });
  });
  afterAll(async () => {
    await app.close();
    await server.close();
  });
  beforeEach(() => server.reset());
  afterEach(() => change({ config_value: true }));

  const change = async (body: object): Promise<void> => {
    const changed = await app.request('admin', 'PUT', '/api/v1/system/config/llm_enabled', body);
    expect(changed.status).toBe(200);
  };
  const generate = (body: object = {}): Promise<Response> =>
    app.request('operator', 'POST', GENERATE, { user_prompt: 'Hello?', ...body });
  const accept = async (): Promise<string> => {
    const body = { input_type: 'user_prompt', content: { prompt: 'What is a clip?' } };
    const accepted = await app.request('operator', 'POST', `${WORKFLOWS}/execute`, body, { Prefer: 'respond-async' });
    return ((await accepted.json()) as { workflow_id: string }).workflow_id;
  };
  const statusOf = async (id: string): Promise<string> => {
    const answer = await app.request('viewer', 'GET', `${WORKFLOWS}/${id}/status`);
    return ((await answer.json()) as { status: string }).status;
  };
  const callsOf = (id: string): Promise<{ status: string; error_code: string | null }[]> =>
    app.app
      .get(Database)
      .query('SELECT status, error_code FROM llm_interactions WHERE workflow_id = $1 ORDER BY request_timestamp', [id]);

  it('refuses calls of people, lets workflows wait, and lets them end when it is over', async () => {
    await change({ config_value: false });
    for (const stream of [false, true]) {
      const refused = await generate({ stream });
      expect(refused.status).toBe(503);
      expect(await refused.json()).toMatchObject({ error_code: 'LLM_UNAVAILABLE', emergency_stop: true });
    }
    const id = await accept();
    await until('the workflow has begun', async () => (await statusOf(id)) === 'in_progress');
    expect(await callsOf(id)).toEqual([]);
    expect(server.requests).toHaveLength(0);
    await change({ config_value: true });
    await until('the workflow has ended', async () => (await statusOf(id)) === 'completed');
    expect((await generate()).status).toBe(200);
  });

  it('lets calls in flight end unless it is told to abort them', async () => {
    server.script({ hold: 'answer' });
    const call = generate();
    await server.waitFor(1);
    await change({ config_value: false });
    server.release('answer');
    expect((await call).status).toBe(200);
  });

  it('aborts calls in flight when it is told to, and a workflow goes on with a call of its own later', async () => {
    server.script({ hold: 'never' });
    const id = await accept();
    const call = generate();
    await server.waitFor(2);
    await change({ config_value: false, abort_in_flight: true });
    const refused = await call;
    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({ emergency_stop: true });
    await until('the provider sees both gone', () => server.requests.every(({ outcome }) => outcome === 'client_gone'));
    await until('the call of the workflow is closed', async () => (await callsOf(id))[0]?.error_code === 'STOPPED');
    expect(await statusOf(id)).toBe('in_progress');
    server.reset();
    await change({ config_value: true });
    await until('the workflow has ended', async () => (await statusOf(id)) === 'completed');
    expect((await callsOf(id)).map(({ status }) => status)).toEqual(['in_doubt', 'succeeded']);
  });

  it('does not hold up a cancel of a workflow that waits', async () => {
    await change({ config_value: false });
    const id = await accept();
    await until('the workflow has begun', async () => (await statusOf(id)) === 'in_progress');
    expect((await app.request('operator', 'POST', `${WORKFLOWS}/${id}/cancel`)).status).toBe(202);
    expect(await statusOf(id)).toBe('cancelled');
  });
});
