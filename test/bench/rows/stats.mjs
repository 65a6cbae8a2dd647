import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { startNyx } from '../nyx-process.mjs';
import { median, quantile, rounded } from '../statistics.mjs';

const CHUNK = 50_000;
/** A backlog of a million calls takes a minute. */
const ROLL_UP_BOUND_MS = 300_000;
const CALLS_PER_WORKFLOW = 100;
const PATHS = { stats: '/api/v1/llm/stats', workflows: '/api/v1/llm/costs?by=workflow' };

const WORKFLOWS = `
  INSERT INTO workflows (id, principal_id, origin, input_type, content, goal, max_cost_usd)
  SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 'person-' || n % 20, (ARRAY['user', 'motivation', 'schedule'])[1 + n % 3],
         'user_prompt', '{}', 'Goal ' || n, 5
  FROM generate_series($1::int, $2::int) AS n`;

/** $1 to $2 of $4 ended calls of a year, one after the other, with prompts of a usual length; $3 make a workflow. */
const CALLS = `
  INSERT INTO llm_interactions (id, workflow_id, origin, principal_id, purpose, provider, model, prompt_text, response_text, status,
    success, request_timestamp, response_timestamp, token_count_input, token_count_output, cache_read_input_tokens, cache_hit,
    latency_ms, cost_usd, cost_without_cache_usd)
  SELECT gen_random_uuid(), ('00000000-0000-7000-8000-' || lpad((n / $3)::text, 12, '0'))::uuid,
         (ARRAY['user', 'motivation', 'schedule'])[1 + n / $3 % 3], 'person-' || n / $3 % 20, 'subtask', 'offline', 'model-' || n % 4,
         repeat('prompt ', 60), repeat('answer ', 30), CASE WHEN n % 10 = 0 THEN 'failed' ELSE 'succeeded' END, n % 10 > 0,
         now() - make_interval(secs => ($4::int - n) * 31536000.0 / $4::int), now(), n % 4000, n % 900, n % 2 * 500, n % 2 = 1,
         (exp(random() * 9))::int, n % 1000 * 0.0000000100, n % 1000 * 0.0000000150
  FROM generate_series($1::int, $2::int) AS n`;

const QUEUE = 'INSERT INTO llm_usage_queue (interaction_id) SELECT id FROM llm_interactions ORDER BY request_timestamp';
const NOT_ROLLED_UP = 'SELECT 1 FROM llm_usage_queue LIMIT 1';

/** A NYX of its own with so many calls behind it, all of them rolled up by NYX itself. */
async function withCalls(server, name, calls) {
  const url = await server.createDatabase(name);
  const nyx = await startNyx({ databaseUrl: url });
  const database = new pg.Pool({ connectionString: url, max: 1, application_name: 'bench' });
  database.on('error', () => undefined);
  const stop = async () => {
    await database.end();
    await nyx.stop();
  };
  try {
    // References are right by construction, and looking up each is what takes longest.
    await database.query(`SET session_replication_role = 'replica'`);
    await database.query(WORKFLOWS, [0, Math.floor(calls / CALLS_PER_WORKFLOW)]);
    for (let first = 0; first < calls; first += CHUNK) {
      await database.query(CALLS, [first, Math.min(first + CHUNK, calls) - 1, CALLS_PER_WORKFLOW, calls]);
    }
    await database.query(QUEUE);
    const startedAt = performance.now();
    while ((await database.query(NOT_ROLLED_UP)).rows.length > 0) {
      if (performance.now() > startedAt + ROLL_UP_BOUND_MS)
        throw new Error(`NYX did not roll up ${calls} calls in time.`);
      await sleep(500);
    }
    const rollUpMs = performance.now() - startedAt;
    // What autovacuum does within minutes.
    await database.query('VACUUM ANALYZE');
    return { calls, nyx, stop, rollUpMs };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function timesOf({ nyx, calls }, path, requests) {
  const times = [];
  for (let request = 0; request < requests; request++) {
    const startedAt = performance.now();
    const { json } = await nyx.client.get(path);
    times.push(performance.now() - startedAt);
    if (path === PATHS.stats && json.total_requests !== calls) {
      throw new Error(`The statistics count ${json.total_requests} calls of ${calls}.`);
    }
  }
  return times;
}

async function compare(few, many, path, { rounds, quick }) {
  const requests = quick ? 20 : 100;
  const runs = [];
  for (let round = 0; round <= rounds; round++) {
    const run = { few: median(await timesOf(few, path, requests)), many: median(await timesOf(many, path, requests)) };
    if (round > 0) runs.push(run);
  }
  const ratio = median(runs.map((run) => run.many / run.few));
  const value =
    `${rounded(median(runs.map((run) => run.few)), 1)} ms : ${rounded(median(runs.map((run) => run.many)), 1)} ms` +
    ` = ${rounded(ratio)} x`;
  return { value, ratio, runs };
}

/** Statistics of few and of many calls, from two databases in turns. Costs by workflow grow with the workflows: without a mark. */
export default async function stats(context) {
  const [fewCalls, manyCalls] = context.quick ? [2_000, 20_000] : [10_000, 1_000_000];
  const started = [];
  try {
    for (const calls of [fewCalls, manyCalls]) started.push(await withCalls(context.server, `stats_${calls}`, calls));
    const [few, many] = started;
    const totals = await compare(few, many, PATHS.stats, context);
    const workflows = await compare(few, many, PATHS.workflows, context);
    const of = `at ${fewCalls} and ${manyCalls} interactions`;
    return [
      {
        figure: `GET ${PATHS.stats} ${of}`,
        value: totals.value,
        mark: '<= 1.5 x',
        meets: totals.ratio <= 1.5,
        details: { rounds: totals.runs, p99: quantile(await timesOf(many, PATHS.stats, 100), 0.99) },
      },
      { figure: `GET ${PATHS.workflows} ${of}`, value: workflows.value, details: { rounds: workflows.runs } },
      {
        figure: `roll-up of a backlog of ${manyCalls} interactions`,
        value: `${rounded(many.rollUpMs / 1000, 1)} s = ${rounded((manyCalls * 1000) / many.rollUpMs, 0)}/s`,
      },
    ];
  } finally {
    for (const { stop } of started) await stop();
  }
}
