import { Logger } from '@nestjs/common';
import { migrateDurableSchema } from '../../src/durable/durable-schema.js';
import { DatabaseClients } from '../support/database-clients.js';
import { until } from '../support/until.js';

/** As a release with an older DBOS leaves them: without the last change of a table, and without the last but one, an index. */
const OLDER = `
  DROP INDEX durable.idx_workflow_status_deadline;
  ALTER TABLE durable.workflow_status DROP COLUMN creator_xid;
  UPDATE durable.dbos_migrations SET version = version - 2`;

describe("the durable engine's tables", () => {
  const database = DatabaseClients.forEachTest();

  beforeAll(() => {
    Logger.overrideLogger(false);
  });

  it('are brought up to date without holding up who works, also where a long transaction holds them', async () => {
    await migrateDurableSchema(database.url);
    const [holder, worker, watcher] = [await database.connect(), await database.connect(), await database.connect()];
    const version = async (): Promise<unknown> =>
      (await watcher.query<{ version: string }>('SELECT version FROM durable.dbos_migrations')).rows[0]?.version;
    const latest = await version();
    await worker.query(OLDER);
    await holder.query('BEGIN');
    await holder.query('SELECT FROM durable.workflow_status');
    const migrated = migrateDurableSchema(database.url);
    const asking = async (): Promise<number> => {
      const { rows } = await watcher.query<{ n: number }>(
        `SELECT count(*)::int AS n FROM pg_locks WHERE relation = 'durable.workflow_status'::regclass AND mode = 'AccessExclusiveLock' AND NOT granted`,
      );
      return rows[0]?.n ?? -1;
    };
    for (let times = 0; times < 2; times += 1) {
      await until('it asks for the table', async () => (await asking()) === 1);
      // Behind it in the queue, and yet before it.
      await worker.query('UPDATE durable.workflow_status SET updated_at = 0');
      await until('it has given way', async () => (await asking()) === 0);
    }
    await holder.query('COMMIT');
    await migrated;
    expect(await version()).toBe(latest);
    const { rows } = await watcher.query(
      `SELECT indisvalid AS valid FROM pg_index WHERE indexrelid = 'durable.idx_workflow_status_deadline'::regclass`,
    );
    expect(rows).toEqual([{ valid: true }]);
  }, 60_000);

  it('wait for whoever holds up an index that is built beside the others for as long as it takes', async () => {
    await migrateDurableSchema(database.url);
    const [holder, worker, watcher] = [await database.connect(), await database.connect(), await database.connect()];
    await worker.query(OLDER);
    await holder.query('BEGIN');
    await holder.query('UPDATE durable.workflow_status SET updated_at = 0');
    const building = async (): Promise<string | undefined> => {
      const { rows } = await watcher.query<{ started: string }>(
        `SELECT query_start::text AS started FROM pg_stat_activity
          WHERE datname = current_database() AND query LIKE 'CREATE INDEX CONCURRENTLY%' AND wait_event_type = 'Lock' AND now() > query_start + interval '2 seconds'`,
      );
      return rows[0]?.started;
    };
    const migrated = migrateDurableSchema(database.url);
    await until('it has waited for longer than for a table', async () => (await building()) !== undefined);
    await holder.query('COMMIT');
    await migrated;
  }, 60_000);
});
