import { Logger } from '@nestjs/common';
import type pg from 'pg';
import { migrations } from '../../migrations/index.js';
import { newId } from '../../src/database/ids.js';
import { migrateDatabase } from '../../src/database/migrate.js';
import { DatabaseClients } from '../support/database-clients.js';
import { until } from '../support/until.js';
import { fill } from './filled-tables.js';

const NAMES = migrations.map(({ name }) => name);
/** The first of those that run under load. */
const FIRST = NAMES.indexOf('Webhooks1796100500000');
/** A statement of the load that waits for a lock any longer fails. */
const LONGEST_WAIT = '5s';

describe('migrations beside a NYX that runs', () => {
  const database = DatabaseClients.forEachTest({ empty: true });

  beforeAll(() => {
    Logger.overrideLogger(false);
  });

  const connect = async (): Promise<pg.Client> => {
    const client = await database.connect();
    await client.query(`SET lock_timeout = '${LONGEST_WAIT}'`);
    return client;
  };

  /** What a workflow writes, in the order in which it locks. */
  const write = async (client: pg.Client, executor: string): Promise<void> => {
    const id = newId();
    await client.query('BEGIN');
    await client.query(
      `INSERT INTO workflows (id, principal_id, input_type, content, goal) VALUES ($1, 'p', 'user_prompt', '{}', 'g')`,
      [id],
    );
    await client.query('INSERT INTO event_streams (workflow_id, last_seq) VALUES ($1, 1)', [id]);
    await client.query(`INSERT INTO workflow_events (workflow_id, seq, type) VALUES ($1, 1, 'x')`, [id]);
    await client.query(`UPDATE workflows SET status = 'in_progress' WHERE id = $1`, [id]);
    await client.query(`INSERT INTO thought_trees (id, root_id, goal) VALUES ($1, $1, 'g')`, [id]);
    await client.query(
      `INSERT INTO agents (id, thought_tree_id, agent_type, agent_class) VALUES ($1, $1, 'task', 'c')`,
      [id],
    );
    for (const workflow of [id, null]) {
      await client.query(
        `INSERT INTO llm_interactions (id, workflow_id, purpose, provider, model, status, prompt_text) VALUES ($1, $2, 'x', 'offline', 'm', 'sent', 'p')`,
        [newId(), workflow],
      );
    }
    await client.query(`UPDATE llm_interactions SET status = 'succeeded' WHERE workflow_id = $1`, [id]);
    await client.query(
      `INSERT INTO agent_communications (id, sender_agent_id, thought_tree_id, workflow_id, message_type) VALUES ($1, $1, $1, $1, 'request')`,
      [id],
    );
    await client.query('UPDATE agent_communications SET processed = true WHERE id = $1', [id]);
    await client.query('UPDATE executors SET last_beat_at = now() WHERE id = $1', [executor]);
    await client.query(
      `INSERT INTO audit_log (id, seq, at, hash, action, method, path, outcome) VALUES ($1, 1, now(), '', 'x', '-', '-', 'done')`,
      [id],
    );
    await client.query('COMMIT');
  };

  const read = async (client: pg.Client): Promise<void> => {
    await client.query('SELECT id, status FROM workflows ORDER BY created_at DESC LIMIT 50');
    await client.query(
      'SELECT w.id, s.last_seq FROM workflows w JOIN event_streams s ON s.workflow_id = w.id LIMIT 50',
    );
    await client.query(`SELECT count(*) FROM executors WHERE status <> 'gone'`);
    await client.query(
      'SELECT id FROM llm_interactions WHERE workflow_id IS NULL ORDER BY request_timestamp, id LIMIT 50',
    );
    await client.query('SELECT id FROM agent_communications ORDER BY sent_at DESC, id DESC LIMIT 50');
    await client.query('SELECT seq, hash FROM audit_log ORDER BY seq DESC LIMIT 50');
  };

  it('no statement of writers and readers fails, or waits long for a lock', async () => {
    await migrateDatabase(database.url, NAMES.slice(0, FIRST));
    await fill(await connect());
    let goesOn = true;
    const rounds: number[] = [];
    const load = [0, 1, 2, 3, 4, 5].map(async (n) => {
      const client = await connect();
      rounds[n] = 0;
      while (goesOn) {
        await (n < 4 ? write(client, `e${n + 1}`) : read(client));
        rounds[n] += 1;
      }
    });
    const all = Promise.all(load);
    all.catch(() => (goesOn = false));
    const everyoneDid = (least: readonly number[]): Promise<void> =>
      until('all have gone on', () => !goesOn || load.every((_, n) => (rounds[n] ?? 0) > (least[n] ?? 0)));
    await everyoneDid([]);
    expect(await migrateDatabase(database.url)).toEqual(NAMES.slice(FIRST));
    await everyoneDid([...rounds]);
    goesOn = false;
    await all;
  }, 60_000);

  it('a migration that a long transaction holds up gives way to the others, and is done afterwards', async () => {
    const last = NAMES.indexOf('ExecutorRelease1796101000000');
    await migrateDatabase(database.url, NAMES.slice(0, last));
    const [holder, writer, watcher] = [await connect(), await connect(), await connect()];
    await writer.query(
      `INSERT INTO executors (id, status, lock_key, version) VALUES ('held', 'gone', 1, 'nyx-1'), ('free', 'gone', 2, 'nyx-1')`,
    );
    await holder.query('BEGIN');
    await holder.query(`UPDATE executors SET last_beat_at = now() WHERE id = 'held'`);
    const asking = async (): Promise<number> => {
      const { rows } = await watcher.query<{ n: number }>(
        `SELECT count(*)::int AS n FROM pg_locks WHERE relation = 'executors'::regclass AND mode = 'AccessExclusiveLock' AND NOT granted
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      );
      return rows[0]?.n ?? -1;
    };
    const migrated = migrateDatabase(database.url);
    for (let times = 0; times < 2; times += 1) {
      await until('it asks for the table', async () => (await asking()) === 1);
      // Behind it in the queue, and yet before it.
      await writer.query(`UPDATE executors SET last_beat_at = now() WHERE id = 'free'`);
      await until('it has given way', async () => (await asking()) === 0);
    }
    const { rowCount } = await watcher.query(`SELECT 1 FROM migrations WHERE name = 'ExecutorRelease1796101000000'`);
    expect(rowCount).toBe(0);
    await holder.query('COMMIT');
    expect(await migrated).toEqual(NAMES.slice(last));
    const { rows } = await writer.query('SELECT release FROM executors ORDER BY id');
    expect(rows).toEqual([{ release: 'unknown' }, { release: 'unknown' }]);
  }, 60_000);
});
