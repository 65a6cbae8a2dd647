import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import type { ModelServer } from '../support/model-server.js';
import { startNyxProcess, type NyxProcess } from '../support/process.js';
import { until } from '../support/until.js';

const PASSWORD = 'the admin of this test';
export const ROOT = resolve(import.meta.dirname, '../..');

/** Where a database is: in the data folder, or from outside. */
export interface Place {
  readonly dataDir: string;
  readonly databaseUrl?: string;
}

const variablesOf = ({ dataDir, databaseUrl }: Place): Record<string, string> => ({
  NYX_DATA_DIR: dataDir,
  ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }),
});

/** One of `dist/programs`, which sees only that place. */
export async function run(command: string, place: Place, ...args: string[]): Promise<{ code: number; said: string }> {
  const { PATH, HOME } = process.env;
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [join(ROOT, `dist/programs/${command}.js`), ...args],
      { cwd: place.dataDir, env: { PATH, HOME, ...variablesOf(place) } },
    );
    return { code: 0, said: stdout };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, said: stdout + stderr };
  }
}

/** Every row as text, by table; without what beats while nobody does anything. */
export async function contents(url: string): Promise<Record<string, string[]>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
        WHERE schemaname IN ('public', 'durable') AND tablename NOT IN ('executors', 'rate_buckets') ORDER BY 1`,
    );
    const all: Record<string, string[]> = {};
    for (const { name } of tables) {
      const { rows } = await client.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t ORDER BY 1`);
      all[name] = rows.map(({ row }) => row);
    }
    return all;
  } finally {
    await client.end();
  }
}

/** A NYX of a place, to which its admin is signed in. */
export class NyxThere {
  private constructor(
    private readonly nyx: NyxProcess,
    private readonly token: string,
  ) {}

  static async start(place: Place, model: ModelServer): Promise<NyxThere> {
    const nyx = await startNyxProcess({
      dataDir: place.dataDir,
      env: {
        ...variablesOf(place),
        ANTHROPIC_API_KEY: 'a-key-of-the-test',
        ANTHROPIC_BASE_URL: model.url,
        NYX_ADMIN_PASSWORD: PASSWORD,
        JWT_SECRET: 'one secret for both places of this test',
        LOG_LEVEL: 'warn',
      },
    });
    const answer = await fetch(`${nyx.url}/api/v1/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'admin', password: PASSWORD }),
    });
    return new NyxThere(nyx, ((await answer.json()) as { access_token: string }).access_token);
  }

  async kill(): Promise<void> {
    this.nyx.kill();
    await this.nyx.exited;
  }

  async send<T>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> {
    const answer = await fetch(`${this.nyx.url}/api/v1${path}`, {
      method,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.token}`, ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  async accept(prompt: string, context: object = {}): Promise<string> {
    const body = { input_type: 'user_prompt', content: { prompt }, execution_context: context };
    const { workflow_id: id } = await this.send<{ workflow_id: string }>(
      'POST',
      '/orchestrator/workflows/execute',
      body,
      { prefer: 'respond-async' },
    );
    return id;
  }

  async status(id: string): Promise<string> {
    return (await this.send<{ status: string }>('GET', `/orchestrator/workflows/${id}/status`)).status;
  }
}

/** A workflow that ended, and one that is paused when it has paid for its plan. */
export interface WorkInHand {
  readonly done: string;
  readonly waiting: string;
  /** Requests to the model before the one that waits. */
  readonly asked: number;
}

/** Begins both, and waits until nothing changes any more in the database behind the URL. */
export async function beginWork(nyx: NyxThere, url: string, model: ModelServer): Promise<WorkInHand> {
  const done = await nyx.accept('Say hello.\tAnd \\. on a line:\n\\.\nand on.');
  await until('the first ended', async () => (await nyx.status(done)) === 'completed');
  model.script({ match: { schema: true }, hold: 'plan' });
  const asked = model.requests.length;
  const waiting = await nyx.accept('[[subtasks:2]]', { execution_preferences: { strategy: 'parallel_execution' } });
  await until('it plans', () => model.requests.length > asked);
  await nyx.send('POST', `/orchestrator/workflows/${waiting}/pause`);
  model.release('plan');
  const database = new pg.Client({ connectionString: url });
  await database.connect();
  await until('its branches wait', async () => {
    const { rows } = await database.query(
      `SELECT 1 FROM durable.workflow_status WHERE parent_workflow_id = $1 AND status = 'PENDING'`,
      [waiting],
    );
    return rows.length === 2;
  });
  const queued = 'SELECT FROM llm_usage_queue UNION ALL SELECT FROM status_changes';
  await until(
    'every call and every status is in the totals',
    async () => (await database.query(queued)).rowCount === 0,
    60_000,
  );
  await database.end();
  return { done, waiting, asked };
}

/** Where they were moved to: what ended is there, and what waited goes on without paying for its plan again. */
export async function endWork(nyx: NyxThere, { done, waiting, asked }: WorkInHand, model: ModelServer): Promise<void> {
  expect(await nyx.status(done)).toBe('completed');
  await nyx.send('POST', `/orchestrator/workflows/${waiting}/resume`);
  await until('the one that waited ended', async () => (await nyx.status(waiting)) === 'completed', 40_000);
  // The plan, two parts and a synthesis.
  expect(model.requests.length - asked).toBe(4);
}
