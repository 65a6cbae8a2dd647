import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { parseMetrics, total } from '../telemetry/prometheus-text.js';
import { describeWithProgram } from '../support/needed-program.js';
import { cleanUpProcesses, newDataDir, startNyxProcess } from '../support/process.js';
import { until } from '../support/until.js';
import { doctor } from './doctor-process.js';
import { refusal } from './refusal.js';

const PASSWORD = 'the admin of this test';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await cleanUpProcesses();
  await database.drop();
});

/** The wall clock of a process as it is off by so many seconds; time passes as ever. */
function wallClock(offset: string): Record<string, string> {
  const library = execFileSync('faketime', ['-f', '+0', 'printenv', 'LD_PRELOAD'], { encoding: 'utf8' }).trim();
  return { LD_PRELOAD: library, FAKETIME: offset, FAKETIME_DONT_FAKE_MONOTONIC: '1' };
}

interface Health {
  readonly status: string;
  readonly error?: string;
  readonly components: { readonly clock: { readonly status: string; readonly skew_seconds: number } };
}

describeWithProgram('faketime', 'NYX with a clock that is off', () => {
  it.each([
    ['+3600', 'ahead of'],
    ['-3600', 'behind'],
  ])(
    'by %s s does not start, nor does the doctor let it pass',
    async (offset, which) => {
      const env = { DATABASE_URL: database.url, ...wallClock(offset) };
      const sentence = new RegExp(
        `The clock of this machine is 3[56]\\d\\d\\.\\d s ${which} the database's, .* synchronise both`,
      );
      expect(await refusal({ env })).toMatch(sentence);
      const { code, findings } = await doctor(await newDataDir(), env);
      expect([code, findings.clock]).toEqual([1, expect.stringMatching(/^WRONG: The clock /)]);
      expect(findings.clock).toMatch(sentence);
      expect(findings.database).toMatch(/^ok: /);
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
