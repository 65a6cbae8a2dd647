import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import pg from 'pg';
import { makeBackup } from '../../src/start/backup/make-backup.js';
import { createTestDatabase } from '../support/database.js';
import { cleanUpProcesses, newDataDir } from '../support/process.js';
import { until } from '../support/until.js';

afterAll(cleanUpProcesses);

it('a backup is of one moment, whatever is written to tables that it has not come to', async () => {
  const database = await createTestDatabase();
  const [writer, looker] = [0, 1].map(() => new pg.Client({ connectionString: database.url }));
  if (writer === undefined || looker === undefined) throw new Error('There are two.');
  try {
    await Promise.all([writer.connect(), looker.connect()]);
    await writer.query(`CREATE TABLE first_of_all (what text); INSERT INTO first_of_all VALUES ('before, first');
                        CREATE TABLE zz_held (what text);
                        CREATE TABLE zzz_last_of_all (what text); INSERT INTO zzz_last_of_all VALUES ('before, last')`);
    await writer.query('BEGIN');
    await writer.query('LOCK TABLE zz_held IN ACCESS EXCLUSIVE MODE');
    const file = join(await newDataDir(), 'backup');
    const backup = makeBackup(database.url, file);
    await until('the backup has come to the last but one', async () => {
      const { rows } = await looker.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'nyx-backup' AND wait_event_type = 'Lock'`,
      );
      return rows.length > 0;
    });
    await writer.query(`INSERT INTO first_of_all VALUES ('meanwhile, first');
                        INSERT INTO zzz_last_of_all VALUES ('meanwhile, last')`);
    await writer.query('COMMIT');
    await backup;
    const written = gunzipSync(await readFile(file)).toString();
    expect(written.match(/(before|meanwhile), \w+/g)).toEqual(['before, first', 'before, last']);
  } finally {
    await Promise.all([writer.end(), looker.end()]);
    await database.drop();
  }
});
