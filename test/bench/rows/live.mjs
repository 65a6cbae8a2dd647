import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { LiveClients } from '../live-clients.mjs';
import { startNyx } from '../nyx-process.mjs';
import { startOpponent } from '../opponents/child.mjs';
import { median, quantile, rounded } from '../statistics.mjs';
import { direct } from '../workloads.mjs';

/** So long a replica gathers what it tells the others. */
const GATHER_MS = 10;
const BATCH = 100;
/** Batches that may be on their way to the slowest: less than NYX lets wait for one client. */
const WINDOW = 4;
const SUBSCRIBERS = 100;

const APPEND = `
  WITH stream AS (
    UPDATE event_streams SET last_seq = last_seq + $2::int WHERE workflow_id = $1 RETURNING last_seq - $2::int AS before)
  INSERT INTO workflow_events (workflow_id, seq, type, data)
  SELECT $1, stream.before + n, $3, $4 FROM stream, generate_series(1, $2::int) AS n`;

/** Writes events of a workflow that nobody runs, like another replica: commits, then tells. */
class Writer {
  workflowId = randomUUID();

  constructor(database, event) {
    this.database = database;
    this.event = event;
  }

  static async begin(database, event) {
    const writer = new Writer(database, event);
    await database.one(`INSERT INTO event_streams (workflow_id, owner_id) VALUES ($1, 'bench')`, [writer.workflowId]);
    return writer;
  }

  /** Resolves when they are committed. */
  async append(count) {
    await this.database.one(APPEND, [this.workflowId, count, this.event.type, this.event.data]);
  }

  async tell() {
    await this.database.one(`SELECT pg_notify('nyx_events', $1)`, [this.workflowId]);
  }
}

async function latency({ nyx, nyxDatabase, quick }, event, subscribers) {
  const writer = await Writer.begin(nyxDatabase, event);
  const { baseUrl, token } = nyx.client;
  const clients = await LiveClients.open(subscribers, { baseUrl, token, workflowId: writer.workflowId });
  const events = quick ? 10 : 100;
  const latenciesMs = [];
  let committedAtMs = 0;
  let counts = false;
  clients.onEvent(() => counts && latenciesMs.push(performance.now() - committedAtMs));
  try {
    for (let seq = 1; seq <= events + 5; seq++) {
      counts = seq > 5;
      await writer.append(1);
      committedAtMs = performance.now();
      await sleep(GATHER_MS);
      await writer.tell();
      await clients.have(seq);
      await sleep(50);
    }
  } finally {
    clients.close();
  }
  if (latenciesMs.length !== events * subscribers)
    throw new Error(`${subscribers} clients had ${latenciesMs.length} events where ${events} were committed.`);
  const [half, most] = [quantile(latenciesMs, 0.5), quantile(latenciesMs, 0.99)];
  return {
    figure: `commit to client of another replica, ${subscribers} subscribers`,
    value: `p50 ${rounded(half, 1)} ms, p99 ${rounded(most, 1)} ms; none of ${latenciesMs.length} events was missed`,
    ...(subscribers === 1_000 && { mark: 'p99 <= 100 ms', meets: most <= 100 }),
    details: { p50: half, p99: most, measured: latenciesMs.length },
  };
}

/** Events a second that each of the subscribers gets. */
async function rate(clients, send, had, batches) {
  const startedAt = performance.now();
  for (let batch = 1; batch <= batches; batch++) {
    await send(BATCH);
    await clients.have(had + Math.max(0, batch - WINDOW) * BATCH);
  }
  await clients.have(had + batches * BATCH);
  return (batches * BATCH * 1000) / (performance.now() - startedAt);
}

async function throughput({ nyx, nyxDatabase, rounds, quick }, event) {
  const bare = await startOpponent('socket-io');
  const writer = await Writer.begin(nyxDatabase, event);
  const { workflowId } = writer;
  const { baseUrl, token } = nyx.client;
  const ours = await LiveClients.open(SUBSCRIBERS, { baseUrl, token, workflowId });
  const theirs = await LiveClients.open(SUBSCRIBERS, { baseUrl: bare.ready.url, token, workflowId });
  const send = async (count) => {
    await writer.append(count);
    await writer.tell();
  };
  const sendBare = (count) => bare.ask({ event: { ...event, workflow_id: workflowId }, count });
  const batches = quick ? 10 : 100;
  const runs = [];
  try {
    for (let round = 0; round <= rounds; round++) {
      const had = round * batches * BATCH;
      const run = { nyx: await rate(ours, send, had, batches), bare: await rate(theirs, sendBare, had, batches) };
      if (round > 0) runs.push(run);
    }
  } finally {
    ours.close();
    theirs.close();
    await bare.stop();
  }
  const ratio = median(runs.map((run) => run.nyx / run.bare));
  const of = (name) => rounded(median(runs.map((run) => run[name])), 0);
  return {
    figure: `events to ${SUBSCRIBERS} subscribers each, from commits, against bare Socket.IO`,
    value: `${of('nyx')}/s : ${of('bare')}/s = ${rounded(ratio)} x`,
    mark: '>= 0.7 x',
    meets: ratio >= 0.7,
    details: { rounds: runs, bytesOfEvent: JSON.stringify(event).length },
  };
}

const residentKiB = async (pid) => {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]);
  return Number(stdout);
};

/** RSS of a NYX of its own before and after so many have subscribed to a workflow in which nothing happens. */
async function memoryPerSocket({ server, quick }, event) {
  const sockets = quick ? 300 : 1_900;
  const databaseUrl = await server.createDatabase('live');
  const nyx = await startNyx({ databaseUrl });
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1, application_name: 'bench' });
  pool.on('error', () => undefined);
  const opened = [];
  try {
    const database = { one: async (text, values) => (await pool.query(text, values)).rows[0] };
    const { workflowId } = await Writer.begin(database, event);
    const { baseUrl, token } = nyx.client;
    // What the first ones load stays for all.
    opened.push(await LiveClients.open(50, { baseUrl, token, workflowId }));
    await sleep(quick ? 200 : 5_000);
    const before = await residentKiB(nyx.pid);
    opened.push(await LiveClients.open(sockets, { baseUrl, token, workflowId }));
    await sleep(quick ? 200 : 5_000);
    const each = ((await residentKiB(nyx.pid)) - before) / sockets;
    return {
      figure: 'memory of an idle subscribed socket (RSS)',
      value: `${rounded(each, 1)} KiB`,
      details: { sockets },
    };
  } finally {
    for (const clients of opened) clients.close();
    await pool.end();
    await nyx.stop();
  }
}

/** An event as a real workflow writes it. */
async function realEvent({ nyx, nyxDatabase }) {
  const { workflow_id: id } = await nyx.client.run(direct());
  const { type, at, data } = await nyxDatabase.one(
    `SELECT type, at, data FROM workflow_events WHERE workflow_id = $1 AND type = 'llm.completed'`,
    [id],
  );
  return { workflow_id: id, seq: 1, type, at: at.toISOString(), data };
}

export default async function live(context) {
  const event = await realEvent(context);
  const rows = [];
  for (const subscribers of [10, 100, 1_000]) rows.push(await latency(context, event, subscribers));
  rows.push(await throughput(context, event));
  rows.push(await memoryPerSocket(context, event));
  return rows;
}
