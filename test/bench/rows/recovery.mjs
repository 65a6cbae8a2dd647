import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { startNyx } from '../nyx-process.mjs';
import { startOpponent } from '../opponents/child.mjs';
import { median, quantile, rounded } from '../statistics.mjs';
import { direct } from '../workloads.mjs';

/** As many kills as are asked for take this many pairs of replicas some three minutes; most of the time they wait. */
const PAIRS = 3;
const HELD_MS = 600_000;
/** A replica beats and looks for dead ones each two seconds: a kill comes at any moment of that. */
const PHASE_MS = 2_000;
const POLL_MS = 10;
const BOUND_MS = 60_000;

/** Two replicas on a database and a model server of their own, with the settings NYX has by default. */
class Pair {
  /** By executor id. */
  #replicas = new Map();
  #known = new Set();

  constructor(databaseUrl, database, model) {
    Object.assign(this, { databaseUrl, database, model });
  }

  static async begin(server, name) {
    const databaseUrl = await server.createDatabase(name);
    const database = new pg.Pool({ connectionString: databaseUrl, max: 1, application_name: 'bench' });
    database.on('error', () => undefined);
    const pair = new Pair(databaseUrl, database, await startOpponent('messages'));
    try {
      for (let number = 0; number < 2; number++) await pair.#start();
      return pair;
    } catch (error) {
      await pair.end();
      throw error;
    }
  }

  /** Milliseconds from the kill of the replica that had a workflow in its hands to what happens next in it. */
  async kill(phaseMs) {
    const workflowId = await this.#held();
    const owner = await this.#ownerOf(workflowId);
    await this.model.ask({ firstMs: 0 });
    await sleep(phaseMs);
    const killedAt = performance.now();
    await this.#replicas.get(owner).kill();
    this.#replicas.delete(owner);
    const seq = `SELECT last_seq::int AS seq FROM event_streams WHERE workflow_id = $1`;
    const { seq: before } = await this.#one(seq, [workflowId]);
    await this.#until('did not go on', async () => (await this.#one(seq, [workflowId])).seq > before);
    const elapsedMs = performance.now() - killedAt;
    const ended = `SELECT success FROM workflows WHERE id = $1 AND completed_at IS NOT NULL`;
    await this.#until('did not end', async () => (await this.#one(ended, [workflowId])) !== undefined);
    const { success } = await this.#one(ended, [workflowId]);
    if (success !== true || !this.#replicas.has(await this.#ownerOf(workflowId)))
      throw new Error(`Workflow ${workflowId} did not succeed on the replica that was left.`);
    await this.#start();
    return elapsedMs;
  }

  async end() {
    await Promise.all([...this.#replicas.values()].map((nyx) => nyx.stop()));
    await this.model.stop();
    await this.database.end();
  }

  /** A workflow whose model call is under way, and does not end. */
  async #held() {
    const { arrived: before } = await this.model.ask({ firstMs: HELD_MS });
    const [nyx] = this.#replicas.values();
    const workflowId = await nyx.client.accept(direct());
    await this.#until('sent no call', async () => (await this.model.ask({ firstMs: HELD_MS })).arrived > before);
    return workflowId;
  }

  async #ownerOf(workflowId) {
    const owner = 'SELECT executor_id FROM durable.workflow_status WHERE workflow_uuid = $1';
    return (await this.#one(owner, [workflowId])).executor_id;
  }

  async #start() {
    const nyx = await startNyx({
      databaseUrl: this.databaseUrl,
      model: { apiKey: 'bench-key', baseUrl: this.model.ready.url },
    });
    const live = await this.database.query(`SELECT id::text FROM executors WHERE status = 'live'`);
    const { id } = live.rows.find((row) => !this.#known.has(row.id));
    this.#known.add(id);
    this.#replicas.set(id, nyx);
  }

  async #one(text, values) {
    return (await this.database.query(text, values)).rows[0];
  }

  async #until(what, holds) {
    const startedAt = performance.now();
    while (!(await holds())) {
      if (performance.now() - startedAt > BOUND_MS) throw new Error(`A workflow ${what} in time.`);
      await sleep(POLL_MS);
    }
  }
}

/** From kill -9 of one of two replicas to the next event of the workflow it was carrying out, on the other one. */
export default async function recovery({ server, quick }) {
  const kills = quick ? 1 : 50;
  const pairs = quick ? 1 : PAIRS;
  const elapsedMs = [];
  let begun = 0;
  const work = async (number) => {
    const pair = await Pair.begin(server, `recovery_${number}`);
    try {
      while (begun < kills) {
        begun += 1;
        elapsedMs.push(await pair.kill(Math.random() * PHASE_MS));
      }
    } finally {
      await pair.end();
    }
  };
  const results = await Promise.allSettled(Array.from({ length: pairs }, (_, number) => work(number)));
  const failed = results.find(({ status }) => status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  const seconds = (ms) => `${rounded(ms / 1000, 1)} s`;
  return [
    {
      figure: `kill -9 of one of two replicas to the next event of its workflow, ${kills} ${kills === 1 ? 'kill' : 'kills'}`,
      value: `median ${seconds(median(elapsedMs))}, p90 ${seconds(quantile(elapsedMs, 0.9))}, worst ${seconds(Math.max(...elapsedMs))}`,
      details: { kills, pairs, elapsedMs: elapsedMs.map((each) => rounded(each, 0)) },
    },
  ];
}
