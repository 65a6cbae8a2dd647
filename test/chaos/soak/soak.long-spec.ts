import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../../support/database.js';
import { cleanUpProcesses, startNyxProcess, type NyxProcess } from '../../support/process.js';
import { residentMibOf, WITH_INSPECTOR } from '../../support/resident-memory.js';
import { until } from '../../support/until.js';

const WORKFLOWS = Number(process.env.SOAK_WORKFLOWS ?? 10_000);
/** Until then caches fill and code is compiled. */
const WARM_UP = 1_000;
/** Of one workflow beside others, on a machine that is busy. */
const PATIENCE_MS = 60_000;
const LEAST_PER_SECOND = 5;
const AT_ONCE = 16;
/** One workflow in so many has a council, which takes what six plain ones do; of the others one in so many uses a tool, which takes what two do. */
const COUNCIL_EACH = 50;
const TOOL_EACH = 10;
/** For what is still done when the last one has ended. */
const REST_MS = 5_000;
const MOST_GROWTH = 1.15;
const API_KEY = 'the-key-of-the-deployment-that-soaks';

let database: TestDatabase;
let sql: pg.Pool;
let nyx: NyxProcess;
beforeAll(async () => {
  database = await createTestDatabase();
  sql = new pg.Pool({ connectionString: database.url, max: 1 });
  nyx = await startNyxProcess({
    env: {
      DATABASE_URL: database.url,
      NYX_ADMIN_PASSWORD: 'the admin of the soak',
      NYX_API_KEY: API_KEY,
      NYX_API_KEY_ROLE: 'admin',
      JWT_SECRET: 'kpx3vQ8m2LwT7cZr9Yh4Ns6Bd1Fg5Je0uAoXiR',
      RATE_LIMIT_PER_MINUTE: '0',
      LOG_LEVEL: 'warn',
      NODE_OPTIONS: WITH_INSPECTOR,
    },
  });
}, 300_000);
afterAll(async () => {
  await sql.end();
  await cleanUpProcesses();
  await database.drop();
});

interface Kind {
  readonly prompt: string;
  readonly preferences: { readonly strategy: string; readonly tools?: readonly string[] };
}

function kindOf(number: number): Kind {
  if (number % COUNCIL_EACH === 0)
    return { prompt: `Choose a bridge for river ${number}.`, preferences: { strategy: 'council_driven' } };
  if (number % TOOL_EACH === 0) {
    const prompt = `Write "${'river '.repeat(500)}" to rivers/${number}.txt`;
    return { prompt, preferences: { strategy: 'direct_execution', tools: ['file_operations'] } };
  }
  return { prompt: `What is a river? (${number})`, preferences: { strategy: 'direct_execution' } };
}

async function runOne(number: number): Promise<void> {
  const { prompt, preferences } = kindOf(number);
  const response = await fetch(`${nyx.url}/api/v1/orchestrator/workflows/execute`, {
    method: 'POST',
    signal: AbortSignal.timeout(PATIENCE_MS),
    headers: { 'x-api-key': API_KEY, 'content-type': 'application/json' },
    body: JSON.stringify({
      input_type: 'user_prompt',
      content: { prompt },
      execution_context: { execution_preferences: preferences },
    }),
  });
  const answer = (await response.json()) as { success?: boolean };
  if (response.status !== 200 || answer.success !== true)
    throw new Error(`${response.status} ${JSON.stringify(answer).slice(0, 300)}`);
}

async function runAll(count: number): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await runOne((next += 1));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

async function residentMib(): Promise<number> {
  await sleep(REST_MS);
  return residentMibOf(nyx);
}

const count = async (query: string): Promise<number> =>
  (await sql.query<{ count: number }>(`SELECT count(*)::int FROM ${query}`)).rows[0]?.count ?? NaN;

it(
  `${WORKFLOWS} workflows leave nothing behind but their rows`,
  async () => {
    await runAll(WARM_UP);
    const before = await residentMib();
    await runAll(WORKFLOWS);
    const after = await residentMib();
    process.stdout.write(`Resident memory: ${before.toFixed(0)} -> ${after.toFixed(0)} MiB\n`);
    expect(after).toBeLessThan(before * MOST_GROWTH);
    expect(await count(`workflows WHERE status = 'completed'`)).toBe(WARM_UP + WORKFLOWS);
    const ofKind = (each: number): number => Math.floor(WARM_UP / each) + Math.floor(WORKFLOWS / each);
    expect(await count(`workflows WHERE strategy = 'council_driven'`)).toBe(ofKind(COUNCIL_EACH));
    expect(await count('tool_executions WHERE success')).toBe(ofKind(TOOL_EACH) - ofKind(COUNCIL_EACH));
    expect(await count(`durable.workflow_status WHERE status <> 'SUCCESS'`)).toBe(0);
    expect(await count(`budget_ledger WHERE status <> 'settled'`)).toBe(0);
    expect(await count('budget_scopes WHERE reserved_usd <> 0 OR in_doubt_usd <> 0')).toBe(0);
    const open = `pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'
    AND state_change < now() - interval '5 seconds'`;
    expect(await count(open)).toBe(0);
    // What is queued for the statistics is rolled up by itself.
    await until('all calls are rolled up', async () => (await count('llm_usage_queue')) === 0, 120_000);
  },
  ((WARM_UP + WORKFLOWS) * 1_000) / LEAST_PER_SECOND + 180_000,
);
