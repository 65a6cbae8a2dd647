import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { startModelServer, type ModelServer } from '../support/model-server.js';
import { cleanUpProcesses, startNyxProcess, type NyxProcess } from '../support/process.js';

const MODEL_KEY = 'sk-ant-0123456789-of-the-deployment';
const CALLERS_KEY = 'a-key-of-the-caller-0123456789-0123456789';
const SECRET_OF_A_PROMPT = 'hunter2-in-the-metadata';

/** Everything NYX writes at its most talkative, and every event and error it keeps. */
describe('secrets', () => {
  let database: TestDatabase;
  let server: ModelServer;
  let nyx: NyxProcess;
  const answers: string[] = [];

  beforeAll(async () => {
    [database, server] = await Promise.all([createTestDatabase(), startModelServer()]);
    nyx = await startNyxProcess({
      env: {
        DATABASE_URL: database.url,
        LOG_LEVEL: 'trace',
        ANTHROPIC_API_KEY: MODEL_KEY,
        ANTHROPIC_BASE_URL: server.url,
        NYX_API_KEY: CALLERS_KEY,
        // An agent waits behind an open breaker.
        LLM_BREAKER_FAILURES: '1000',
      },
    });
    for (const behaviour of [
      {},
      { status: 400, errorMessage: `bad header: Bearer ${MODEL_KEY}` },
      { errorEvent: 'api_error', errorMessage: `Bearer ${MODEL_KEY} was not liked`, shouldRetry: false },
    ]) {
      server.reset();
      server.script(behaviour);
      await call('/api/v1/llm/generate', { user_prompt: `The password is ${SECRET_OF_A_PROMPT}.` });
      await call('/api/v1/llm/generate', { user_prompt: `The password is ${SECRET_OF_A_PROMPT}.`, stream: true });
      await call('/api/v1/orchestrator/workflows/execute', {
        input_type: 'user_prompt',
        content: { prompt: 'Say hello.', metadata: { api_key: SECRET_OF_A_PROMPT } },
        user_context: { api_key: SECRET_OF_A_PROMPT },
      });
    }
    nyx.kill('SIGTERM');
    await nyx.exited;
  }, 120_000);
  afterAll(async () => {
    await cleanUpProcesses();
    await server.close();
    await database.drop();
  });

  const call = async (path: string, body: unknown): Promise<void> => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${CALLERS_KEY}` };
    const response = await fetch(`${nyx.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    answers.push(await response.text());
  };
  const rows = async (query: string): Promise<string> => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const result = await client.query(query);
    await client.end();
    expect(result.rowCount).toBeGreaterThan(0);
    return JSON.stringify(result.rows);
  };

  it.each([MODEL_KEY, CALLERS_KEY, SECRET_OF_A_PROMPT])('such as %s are in no log', (secret) => {
    expect(nyx.stdout()).toContain('Attempt 1 of');
    expect(nyx.stdout()).not.toContain(secret);
    expect(nyx.stderr()).not.toContain(secret);
  });

  it.each([MODEL_KEY, CALLERS_KEY, SECRET_OF_A_PROMPT])('such as %s are in no event', async (secret) => {
    expect(await rows('SELECT type, data FROM workflow_events')).not.toContain(secret);
  });

  it.each([MODEL_KEY, CALLERS_KEY])('such as %s are in no error and no answer', async (secret) => {
    expect(
      await rows('SELECT error_code, error_message FROM llm_interactions WHERE error_message IS NOT NULL'),
    ).not.toContain(secret);
    expect(await rows('SELECT error_message FROM workflows WHERE error_message IS NOT NULL')).not.toContain(secret);
    expect(answers.join('\n')).toContain('[key]');
    expect(answers.join('\n')).not.toContain(secret);
  });
});
