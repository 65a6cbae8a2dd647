import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import pg from 'pg';
import { makeBackup } from '../../src/start/backup/make-backup.js';
import { createTestDatabase } from '../support/database.js';
import { cleanUpProcesses, newDataDir } from '../support/process.js';
import { until } from '../support/until.js';

afterAll(cleanUpProcesses);

/** In each schema one that is copied early, one that can be held, and one that is copied after it. */
const TABLES = ['public', 'durable'].flatMap((schema) =>
  ['aaa_first', 'zz_held', 'zzz_last'].map((name) => `${schema}.${name}`),
);

// A backup of one moment for each schema would have what came while it was held in the first of them: whichever that is.
it.each(['public', 'durable'])(
  'a backup is of one moment, whatever is written to tables of both schemas while a table of %s holds it up',
  async (schema) => {
    const database = await createTestDatabase();
    const [writer, looker] = [0, 1].map(() => new pg.Client({ connectionString: database.url }));
    if (writer === undefined || looker === undefined) throw new Error('There are two.');
    const write = (when: string): Promise<unknown> =>
      writer.query(TABLES.map((table) => `INSERT INTO ${table} VALUES ('${when}: ${table}')`).join(';'));
    try {
      await Promise.all([writer.connect(), looker.connect()]);
      await writer.query(TABLES.map((table) => `CREATE TABLE ${table} (what text)`).join(';'));
      // Or those of `public` were somebody else's.
      await writer.query("INSERT INTO migrations (timestamp, name) VALUES (2100000000000, 'NewTables2100000000000')");
      await write('before');
      await writer.query('BEGIN');
      await writer.query(`LOCK TABLE ${schema}.zz_held IN ACCESS EXCLUSIVE MODE`);
      const file = join(await newDataDir(), 'backup');
      const backup = makeBackup(database.url, file);
      await until('the backup has come to it', async () => {
        const { rows } = await looker.query(
          `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'nyx-backup' AND wait_event_type = 'Lock'`,
        );
        return rows.length > 0;
      });
      await write('meanwhile');
      await writer.query('COMMIT');
      await backup;
      const written = gunzipSync(await readFile(file)).toString();
      const found = written.match(/^(before|meanwhile): .*$/gm) ?? [];
      expect(found.sort()).toEqual(TABLES.map((table) => `before: ${table}`).sort());
    } finally {
      await Promise.all([writer.end(), looker.end()]);
      await database.drop();
    }
  },
);
