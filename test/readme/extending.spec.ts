import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { cleanUpProcesses, startNyxProcess } from '../support/process.js';
import { until } from '../support/until.js';
import { complaintsOf, examples, extendedHouse, newMigration } from './extended-house.js';

const PASSWORD = 'the admin of this test';

it('each example takes under 30 lines of code', () => {
  const linesOf = (code: string): number => code.split('\n').filter((line) => /^\s*[^\s/]/.test(line)).length;
  expect(examples.filter(({ text }) => linesOf(text) >= 30)).toEqual([]);
});

describe('a NYX that was extended as the page tells', () => {
  let house: string;
  let url: string;
  let dataDir: string;
  let headers: Record<string, string>;
  let built: string;
  let generated: string;

  beforeAll(async () => {
    house = await extendedHouse();
    built = await complaintsOf(house, '@nestjs/cli/bin/nest.js', 'build');
    if (built !== '') return;
    generated = await newMigration(house, 'tickets');
    built = await complaintsOf(house, '@nestjs/cli/bin/nest.js', 'build');
    if (built !== '') return;
    ({ url, dataDir } = await startNyxProcess({ release: house, env: { NYX_ADMIN_PASSWORD: PASSWORD } }));
    const body = JSON.stringify({ username: 'admin', password: PASSWORD });
    headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${url}/api/v1/auth/login`, { method: 'POST', headers, body });
    const { access_token: token } = (await answer.json()) as { access_token: string };
    headers = { ...headers, authorization: `Bearer ${token}` };
  }, 400_000);
  afterAll(cleanUpProcesses);

  const ask = async (method: string, path: string, body?: object): Promise<unknown> => {
    const answer = await fetch(`${url}/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
    return answer.json();
  };

  it('compiles as a whole', () => {
    expect(built).toBe('');
  });

  it('has examples that lint, format and floors have nothing against, nor against the migration', async () => {
    const files = [...examples.map(({ path }) => path), generated, 'migrations/index.ts'];
    expect(await complaintsOf(house, 'eslint/bin/eslint.js', '--max-warnings', '0', ...files)).toBe('');
    expect(await complaintsOf(house, 'prettier/bin/prettier.cjs', '--check', ...files)).toBe('');
    const rules = ['--config', '.dependency-cruiser.cjs'];
    expect(await complaintsOf(house, 'dependency-cruiser/bin/dependency-cruise.mjs', 'src', ...rules)).toBe('');
  }, 200_000);

  it('runs a workflow by the new strategy to its end', async () => {
    const request = { input_type: 'user_prompt', content: { prompt: 'Name three uses of a paper clip.' } };
    const preferences = { strategy: 'self_review' };
    const path = '/orchestrator/workflows/execute';
    expect(
      await ask('POST', path, { ...request, execution_context: { execution_preferences: preferences } }),
    ).toMatchObject({
      success: true,
      metadata: { strategy: 'self_review', agents: { completed: 1 } },
    });
    const other = (await ask('POST', path, request)) as { workflow_id: string };
    const workflow = await ask('GET', `/orchestrator/workflows/${other.workflow_id}`);
    const passedOver = expect.objectContaining({ strategy: 'self_review', reason: 'no rule chooses it' }) as unknown;
    expect(workflow).toMatchObject({
      result: { metadata: { strategy_alternatives: expect.arrayContaining([passedOver]) as unknown } },
    });
  });

  it('has the new tool and the new part of health', async () => {
    expect(JSON.stringify(await ask('GET', '/tools/available'))).toContain('"word_count"');
    expect(await ask('GET', '/system/health')).toMatchObject({ components: { disk: { status: 'healthy' } } });
  });

  it('keeps tickets: their table, routes, document and names in the audit log', async () => {
    const asked = (await ask('POST', '/tickets', { question: 'Where is my parcel?' })) as { id: string };
    await ask('POST', '/tickets', { question: 'And where is mine?' });
    expect(await ask('POST', '/tickets', { question: '', urgent: true })).toMatchObject({
      status: 400,
      errors: [{ field: 'urgent' }, { field: 'question' }],
    });
    const { next_cursor: next } = (await ask('GET', '/tickets?limit=1')) as { next_cursor: string };
    expect(await ask('GET', `/tickets?limit=1&cursor=${next}`)).toEqual({ items: [asked], next_cursor: null });
    const { paths } = (await (await fetch(`${url}/openapi.json`)).json()) as { paths: Record<string, object> };
    expect(paths['/api/v1/tickets']).toMatchObject({ post: { operationId: 'createTicket' } });
    const audit = (await ask('GET', '/auth/audit?limit=10')) as { items: { action: string }[] };
    expect(audit.items.map(({ action }) => action)).toContain('createTicket');
  });

  it('backs the tickets up', async () => {
    await ask('POST', '/tickets', { question: 'Is this one kept?' });
    const file = join(house, 'backup');
    const env = { PATH: process.env.PATH, NYX_DATA_DIR: dataDir };
    const backup = join(house, 'dist/src/cli/backup.js');
    const { stdout } = await promisify(execFile)(process.execPath, [backup, file], { cwd: house, env });
    expect(stdout).not.toContain('Left out');
    expect(gunzipSync(await readFile(file)).toString()).toContain('\tIs this one kept?\t');
  });

  it('looks for work in the tickets', async () => {
    await ask('POST', '/motivational/engine/start', { evaluation_interval: 1, test_mode: true });
    const look = async (): Promise<string> => JSON.stringify(await ask('GET', '/motivational/decisions'));
    await until('they were looked at', async () => (await look()).includes('0 tickets wait for an answer'));
    await ask('POST', '/motivational/engine/stop');
  });
});
