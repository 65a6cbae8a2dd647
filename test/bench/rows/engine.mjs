import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { startNyx } from '../nyx-process.mjs';
import { median, quantile, rounded } from '../statistics.mjs';

const CHUNK = 50_000;
/** So many of each kind are of the last day, whatever there is: what the conditions find is the same. */
const OF_LAST_DAY = 2_000;
const WAIT_BOUND_MS = 120_000;
/** Its first evaluations prepare their statements. */
const WARM_UP = 3;
const ENGINE = '/api/v1/motivational/engine';

const ID = `('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid`;
/** The last half hour is quiet, the last day is dense, the rest of the year is spread out. $3: rows in all. */
const AT = `now() - make_interval(secs => 1860 + CASE WHEN n < ${OF_LAST_DAY} THEN n * 40.0
  ELSE ${OF_LAST_DAY} * 40.0 + (n - ${OF_LAST_DAY}) * 31000000.0 / $3::int END)`;
const ROWS = 'FROM generate_series($1::int, $2::int) AS n';

/** Of 200 thoughts five failed and one is paused; of the model's answers some are unsure; of the tool runs one in twenty failed. */
const FILL = [
  `INSERT INTO workflows (id, principal_id, origin, input_type, content, goal, status, strategy, error_code, error_message, result_content,
                          created_at, updated_at, completed_at, paused_at, clock_stopped_at)
   SELECT ${ID}, 'person', (ARRAY['user', 'motivation', 'schedule'])[1 + n % 3], 'user_prompt', '{}', 'Goal ' || n,
          CASE WHEN n % 200 < 5 THEN 'failed' WHEN n % 200 = 5 THEN 'in_progress' ELSE 'completed' END,
          (ARRAY['direct_execution', 'parallel_execution', 'sequential_decomposition'])[1 + n % 3],
          CASE WHEN n % 200 < 5 THEN 'AGENT_FAILED' END, CASE WHEN n % 200 < 5 THEN 'It broke.' END, repeat('answer ', 30),
          ${AT} - interval '1 minute', ${AT}, CASE WHEN n % 200 <> 5 THEN ${AT} END,
          CASE WHEN n % 200 = 5 THEN ${AT} END, CASE WHEN n % 200 = 5 THEN ${AT} END ${ROWS}`,
  `INSERT INTO thought_trees (id, root_id, goal, status, metadata, created_at, updated_at, completed_at)
   SELECT w.id, w.id, w.goal, w.status, jsonb_build_object('result_from', w.id), w.created_at, w.updated_at, w.completed_at
     ${ROWS} JOIN workflows w ON w.id = ${ID} WHERE $3::int > 0`,
  `INSERT INTO event_streams (workflow_id, last_seq) SELECT ${ID}, 1 ${ROWS} WHERE $3::int > 0`,
  `INSERT INTO workflow_events (workflow_id, seq, type, at) SELECT ${ID}, 1, 'workflow.progress', ${AT} ${ROWS}`,
  `INSERT INTO agents (id, thought_tree_id, agent_type, agent_class, status, created_at, completed_at)
   SELECT ${ID}, ${ID}, 'task', 'c', CASE WHEN n % 200 = 5 THEN 'active' ELSE 'completed' END, ${AT},
          CASE WHEN n % 200 <> 5 THEN ${AT} END ${ROWS}`,
  `INSERT INTO llm_interactions (id, workflow_id, thought_tree_id, origin, purpose, provider, model, prompt_text, response_text, status,
                                 success, confidence, request_timestamp, response_timestamp)
   SELECT ${ID}, ${ID}, ${ID}, (ARRAY['user', 'motivation', 'schedule'])[1 + n % 3], 'direct', 'offline', 'model',
          repeat('prompt ', 60), repeat('answer ', 30), 'succeeded', true, 0.3 + n % 7 / 10.0, ${AT}, ${AT} ${ROWS}`,
  `INSERT INTO tool_executions (id, tool_name, tool_class, status, success, error_message, principal_id, executor_id, claim_id, workflow_id,
                                started_at, completed_at)
   SELECT ${ID}, (ARRAY['file_operations', 'memory', 'http_request', 'shell_command', 'run_code'])[1 + n % 5], 'Tool',
          CASE WHEN n % 20 < 5 THEN 'failed' ELSE 'succeeded' END, n % 20 >= 5, CASE WHEN n % 20 < 5 THEN 'It broke.' END,
          'person', 'executor', ${ID}, ${ID}, ${AT}, ${AT} ${ROWS}`,
  `INSERT INTO memories (id, scope, memory_type, content, search, created_at)
   SELECT ${ID}, 'global', 'learning', repeat('learned ', 20), '', ${AT} ${ROWS}`,
];

/** A NYX of its own with so many thoughts, model calls, tool runs and memories behind it; its engine is stopped. */
async function withRows(server, name, rows) {
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
    for (let first = 0; first < rows; first += CHUNK) {
      for (const statement of FILL) await database.query(statement, [first, Math.min(first + CHUNK, rows) - 1, rows]);
    }
    // What autovacuum does within minutes.
    await database.query('VACUUM ANALYZE');
    return { rows, nyx, database, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function change({ nyx }, path, body) {
  const { status, text } = await nyx.client.send('POST', `${ENGINE}/${path}`, body);
  if (status !== 200) throw new Error(`POST ${ENGINE}/${path} answered ${status}: ${text.slice(0, 300)}`);
}

/** Nothing can score so high that it gets a task. */
const start = (one) => change(one, 'start', { evaluation_interval: 1, min_arbitration_threshold: 1 });
const stop = (one) => change(one, 'stop');

const evaluationsOf = async ({ database }) =>
  Number((await database.query('SELECT evaluations FROM motivation_engine')).rows[0]?.evaluations ?? 0);

async function evaluated(one, count) {
  const [before, startedAt] = [await evaluationsOf(one), Date.now()];
  while ((await evaluationsOf(one)) < before + count) {
    if (Date.now() > startedAt + WAIT_BOUND_MS) throw new Error(`The engine did not evaluate ${count} times in time.`);
    await sleep(200);
  }
}

/** Milliseconds of each of the next evaluations, as the decisions have them. */
async function timesOf(one, count, warmUp = WARM_UP) {
  await start(one);
  await evaluated(one, warmUp + count);
  await stop(one);
  const { rows } = await one.database.query(
    `SELECT duration_ms, considered FROM motivation_decisions ORDER BY evaluated_at DESC LIMIT $1`,
    [count],
  );
  for (const { considered } of rows) {
    const failed = JSON.stringify(considered).match(/"reason":\s*"error"[^}]*/)?.[0];
    if (failed !== undefined) throw new Error(`A condition could not be looked at: ${failed}`);
  }
  return rows.map(({ duration_ms: ms }) => ms);
}

async function compare(few, many, { rounds, quick }) {
  const [count, warmUp] = quick ? [1, 1] : [15, WARM_UP];
  const runs = [];
  const [ofFew, ofMany] = [[], []];
  // The first is a warm-up, which a quick run does not need.
  for (let round = quick ? 1 : 0; round <= rounds; round++) {
    const [fewMs, manyMs] = [await timesOf(few, count, warmUp), await timesOf(many, count, warmUp)];
    if (round === 0) continue;
    ofFew.push(...fewMs);
    ofMany.push(...manyMs);
    runs.push({ few: median(fewMs), many: median(manyMs) });
  }
  const ratio = median(runs.map((run) => run.many / run.few));
  return { ratio, runs, fewMs: median(ofFew), manyMs: median(ofMany), p99Ms: quantile(ofMany, 0.99) };
}

/** Of each evaluation: transactions that write, without those that the same NYX has in as much time while its engine is stopped. */
async function commitsOf(server, one, count) {
  let [evaluations, elapsedMs] = [0, 0];
  const run = async () => {
    const [before, startedAt] = [await evaluationsOf(one), performance.now()];
    await evaluated(one, count);
    evaluations = (await evaluationsOf(one)) - before;
    elapsedMs = performance.now() - startedAt;
  };
  return await server.observing(async () => {
    await start(one);
    await evaluated(one, WARM_UP);
    const running = await server.writingTransactions(run);
    await stop(one);
    const idle = await server.writingTransactions(() => sleep(elapsedMs));
    return { perEvaluation: rounded((running - idle) / evaluations), running, idle, evaluations };
  });
}

/** Which nodes of the plans read rows, by the conditions themselves on this database. */
async function plansOf({ database }) {
  const { ownMotivations } = await import('../../../dist/src/motivation/motivations/own-motivations.js');
  const { ToolRegistry } = await import('../../../dist/src/tools/tool-registry.js');
  const plans = {};
  for (const Own of ownMotivations) {
    const motivation = new Own(new ToolRegistry([]));
    const lines = [];
    const query = async (text, values = []) => {
      const explained = await database.query(`EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) ${text}`, [
        ...values,
      ]);
      lines.push(...explained.rows.map((row) => row['QUERY PLAN'].trim()).filter((line) => / Scan /.test(line)));
      return (await database.query(text, [...values])).rows;
    };
    await motivation.look({ query }, { now: new Date(), isSafe: true });
    plans[motivation.type] = lines;
  }
  return plans;
}

function print(plans) {
  for (const [type, lines] of Object.entries(plans)) process.stderr.write(`  ${type}\n    ${lines.join('\n    ')}\n`);
}

/** One evaluation of the motivation engine with few and with many rows behind it, from two databases in turns. */
export default async function engine(context) {
  const [fewRows, manyRows] = context.quick ? [1_000, 10_000] : [10_000, 1_000_000];
  const steps = context.quick ? [] : [100_000];
  const started = [];
  try {
    started.push(await withRows(context.server, `engine_${fewRows}`, fewRows));
    // Before another NYX has transactions on the same server.
    const commits = await commitsOf(context.server, started[0], context.quick ? 3 : 60);
    for (const rows of [...steps, manyRows]) {
      started.push(await withRows(context.server, `engine_${rows}`, rows));
    }
    const [few, many] = [started.at(0), started.at(-1)];
    const totals = await compare(few, many, context);
    const between = [];
    for (const one of started.slice(1, -1)) between.push({ rows: one.rows, ms: median(await timesOf(one, 15)) });
    const plans = await plansOf(many);
    print(plans);
    return [
      {
        figure: `one evaluation of the engine at ${fewRows} and ${manyRows} thoughts, interactions and tool runs`,
        value:
          `${rounded(totals.fewMs, 1)} ms : ${rounded(totals.manyMs, 1)} ms = ${rounded(totals.ratio)} x` +
          between.map(({ rows, ms }) => ` (${rounded(ms, 1)} ms at ${rows})`).join(''),
        mark: '<= 1.5 x',
        meets: totals.ratio <= 1.5,
        details: { rounds: totals.runs, p99Ms: totals.p99Ms, between, plans },
      },
      {
        figure: 'write commits of an evaluation of the engine that starts nothing',
        value: `${commits.perEvaluation}`,
        mark: '<= 2',
        meets: commits.perEvaluation <= 2,
        details: commits,
      },
    ];
  } finally {
    for (const one of started) await one.stop();
  }
}
