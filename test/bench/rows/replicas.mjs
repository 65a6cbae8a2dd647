import { performance } from 'node:perf_hooks';
import process from 'node:process';
import pg from 'pg';
import { startNyx } from '../nyx-process.mjs';
import { idleTime, processorTime, processorTimeWithChildren } from '../processor-time.mjs';
import { checkedCalibration } from '../simulation/calibration.mjs';
import { predictions } from '../simulation/predictions.mjs';
import { median, rounded } from '../statistics.mjs';
import { direct, inParallel } from '../workloads.mjs';

const REPLICAS = [1, 2, 3];
/** More than three replicas and PostgreSQL keep busy on any machine this runs on. */
const CUSTOMERS = 32;
/** Connections that change one row, one commit after the other. */
const ROW_WRITERS = 8;

/** Everything that is counted, as it stands. */
async function usage({ server }, database, nyxes) {
  const postgres = await processorTimeWithChildren(await server.postmaster());
  const ofNyx = await Promise.all(nyxes.map(({ pid }) => processorTime(pid)));
  const { user, system } = process.cpuUsage();
  const counted = await database.query(
    `SELECT pg_snapshot_xmax(pg_current_snapshot())::text::float8 AS transactions,
            pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8 AS wal_bytes, pg_database_size(current_database())::float8 AS stored_bytes,
            (SELECT count(*)::float8 FROM durable.operation_outputs) AS steps, io.fsyncs::float8, io.fsync_time::float8 AS fsync_ms
       FROM (SELECT sum(fsyncs) AS fsyncs, sum(fsync_time) AS fsync_time FROM pg_stat_io WHERE object = 'wal') io`,
  );
  return {
    postgres,
    nyx: ofNyx.reduce((sum, { all }) => sum + all, 0),
    nyxMainThreads: ofNyx.reduce((sum, { mainThread }) => sum + mainThread, 0),
    load: (user + system) / 1e6,
    idle: await idleTime(),
    ...counted.rows[0],
  };
}

/** So many replicas, started for this round, warmed up, and kept busy by one process. */
async function round(context, databaseUrl, database, replicas) {
  const { quick } = context;
  const [warmUp, count] = quick ? [8 * replicas, CUSTOMERS] : [100 * replicas, 500];
  const nyxes = await Promise.all(Array.from({ length: replicas }, () => startNyx({ databaseUrl })));
  const run = (number) => nyxes[number % replicas].client.run(direct(number));
  try {
    await inParallel(warmUp, CUSTOMERS, run);
    const before = await usage(context, database, nyxes);
    const { elapsedMs, latenciesMs } = await inParallel(count, CUSTOMERS, run);
    const after = await usage(context, database, nyxes);
    const used = Object.fromEntries(Object.keys(before).map((key) => [key, after[key] - before[key]]));
    const cpuSeconds = used.postgres + used.nyx + used.load;
    return {
      perSecond: (count * 1000) / elapsedMs,
      stepsPerSecond: (used.steps * 1000) / elapsedMs,
      latencyMs: median(latenciesMs),
      coresBusy: (cpuSeconds * 1000) / elapsedMs,
      cores: ((cpuSeconds + used.idle) * 1000) / elapsedMs,
      loadMs: (used.load * 1000) / count,
      nyxThreadMs: (used.nyxMainThreads * 1000) / count,
      nyxOtherMs: ((used.nyx - used.nyxMainThreads) * 1000) / count,
      postgresMs: (used.postgres * 1000) / count,
      commits: used.transactions / count,
      walBytes: used.wal_bytes / count,
      storedBytes: used.stored_bytes / count,
      flushMs: used.fsyncs > 0 ? used.fsync_ms / used.fsyncs : 0,
      flushes: used.fsyncs / count,
    };
  } finally {
    await Promise.all(nyxes.map((nyx) => nyx.stop()));
  }
}

/**
 * Milliseconds between commits that all change one row, as all paid calls change the balance of the day: without NYX, in transactions
 * as it sends them.
 */
async function rowCommitMs(databaseUrl, commits) {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: ROW_WRITERS, application_name: 'bench' });
  try {
    await pool.query('CREATE TABLE bench_day (id int PRIMARY KEY, amount numeric(20, 10) NOT NULL)');
    await pool.query('INSERT INTO bench_day VALUES (1, 0)');
    const change = async () => {
      const client = await pool.connect();
      await client.query('BEGIN');
      await client.query('UPDATE bench_day SET amount = amount + 0.0000000001 WHERE id = 1');
      await client.query('COMMIT');
      client.release();
    };
    await inParallel(ROW_WRITERS * 10, ROW_WRITERS, change);
    const startedAt = performance.now();
    await inParallel(commits, ROW_WRITERS, change);
    return (performance.now() - startedAt) / commits;
  } finally {
    await pool.end();
  }
}

const medians = (rounds) =>
  Object.fromEntries(Object.keys(rounds[0]).map((key) => [key, rounded(median(rounds.map((each) => each[key])), 3)]));

async function measured(context) {
  const { server, quick } = context;
  const databaseUrl = await server.createDatabase('replicas');
  const database = new pg.Pool({ connectionString: databaseUrl, max: 1, application_name: 'bench' });
  database.on('error', () => undefined);
  const rounds = Object.fromEntries(REPLICAS.map((replicas) => [replicas, []]));
  try {
    for (let turn = 0; turn < (quick ? 1 : context.rounds); turn++) {
      for (const replicas of REPLICAS) rounds[replicas].push(await round(context, databaseUrl, database, replicas));
    }
  } finally {
    await database.end();
  }
  const ofRow = rounded(await rowCommitMs(await server.createDatabase('bench_row'), quick ? 200 : 5_000), 3);
  return { rounds, rowCommitMs: ofRow };
}

function throughputRow({ replicas, perSecond, measured: ended, errorPercent }, { stepsPerSecond, latencyMs }, details) {
  const sign = errorPercent >= 0 ? '+' : '';
  const simulated = `simulated ${rounded(perSecond, 1)}/s = ${sign}${rounded(errorPercent, 1)} %`;
  return {
    figure: `direct workflows ended with ${CUSTOMERS} at once, ${replicas} ${replicas === 1 ? 'replica' : 'replicas'}`,
    value: `${rounded(ended, 1)}/s, ${rounded(stepsPerSecond, 0)} durable steps/s, p50 ${rounded(latencyMs, 0)} ms; ${simulated}`,
    details,
  };
}

/**
 * Throughput of 1, 2 and 3 replicas in turns, all on one machine with PostgreSQL and the one process that sends; and what the simulation
 * predicts, knowing only what one replica needs. Processor time is read from /proc.
 */
export default async function replicas(context) {
  const { server, quick } = context;
  await server.set('track_wal_io_timing', 'on');
  const { rounds, ...ofRow } = await measured(context).finally(() => server.set('track_wal_io_timing', 'off'));
  const [one, two, three] = REPLICAS.map((count) => medians(rounds[count]));
  const { cores, loadMs, nyxThreadMs, nyxOtherMs, postgresMs, commits, flushMs, walBytes, storedBytes } = one;
  const figures = {
    cores,
    customers: CUSTOMERS,
    ...{ loadMs, nyxThreadMs, nyxOtherMs, postgresMs, commits, flushMs, walBytes, storedBytes },
    ...ofRow,
    ...{ oneReplica: one.perSecond, twoReplicas: two.perSecond, threeReplicas: three.perSecond },
  };
  const calibration = checkedCalibration(figures, { isQuick: quick });
  const predicted = predictions(calibration);
  const cpu = `CPU: NYX ${rounded(nyxThreadMs + nyxOtherMs, 1)} ms, PostgreSQL ${rounded(postgresMs, 1)} ms, the sender ${rounded(loadMs, 1)} ms`;
  const disk = `${rounded(commits, 1)} commits, ${rounded(one.flushes, 1)} flushes of ${rounded(flushMs)} ms`;
  return [
    ...predicted.map((each, index) =>
      throughputRow(each, [one, two, three][index], {
        medians: [one, two, three][index],
        rounds: rounds[each.replicas],
      }),
    ),
    {
      figure: `what a direct workflow needs of one replica and of PostgreSQL, ${CUSTOMERS} at once`,
      value: `${cpu}; ${disk}; the database grows by ${rounded(storedBytes / 1024, 1)} KiB`,
      details: { calibration },
    },
    {
      figure: `commits that all change one row, ${ROW_WRITERS} at once, without NYX`,
      value: `${rounded(1000 / ofRow.rowCommitMs, 0)}/s`,
      details: ofRow,
    },
  ];
}
