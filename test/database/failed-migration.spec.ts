import { migrations } from '../../migrations/index.js';
import { StartError } from '../../src/config/start-error.js';
import { migrateDatabase } from '../../src/database/migrate.js';
import { DatabaseClients } from '../support/database-clients.js';

/** The second that runs: those before it stay. */
const FAILED = migrations[1]?.name ?? '';

describe('a migration that fails', () => {
  const database = DatabaseClients.forEachTest({ empty: true });

  it('is named, with what PostgreSQL said', async () => {
    const client = await database.connect();
    await migrateDatabase(database.url, [migrations[0]?.name ?? '']);
    // In the way of whatever the next one makes.
    await client.query(`
      CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not in this test.'; END $$;
      CREATE EVENT TRIGGER refuse_all ON ddl_command_start EXECUTE FUNCTION refuse()`);
    const migrating = migrateDatabase(database.url).catch((error: unknown) => error);
    const thrown = await migrating;
    expect(thrown).toBeInstanceOf(StartError);
    expect((thrown as Error).message).toBe(`The database could not be migrated: ${FAILED} failed: not in this test.`);
    await client.query('DROP EVENT TRIGGER refuse_all');
  });
});
