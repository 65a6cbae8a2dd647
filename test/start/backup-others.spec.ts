import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import pg from 'pg';
import { makeBackup } from '../../src/start/backup/make-backup.js';
import { restoreBackup } from '../../src/start/backup/restore-backup.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { cleanUpProcesses, newDataDir } from '../support/process.js';
import { contents, run } from './backup-room.js';

/** What is beside NYX, as PostGIS puts it there, and what refers to each other. */
const OTHERS = [
  'CREATE TABLE spatial_ref_sys (srid int PRIMARY KEY)',
  'INSERT INTO spatial_ref_sys VALUES (4326)',
  'CREATE SEQUENCE theirs',
  'CREATE TABLE eggs (id serial PRIMARY KEY)',
  'CREATE TABLE hens (id int PRIMARY KEY, egg int REFERENCES eggs)',
  'ALTER TABLE eggs ADD hen int REFERENCES hens',
  'INSERT INTO hens VALUES (1, NULL); INSERT INTO eggs (hen) VALUES (1)',
];
const NAMES = ['public.eggs', 'public.eggs_id_seq', 'public.hens', 'public.spatial_ref_sys', 'public.theirs'];

let folder: string;
let file: string;
let database: TestDatabase;
let sql: pg.Client;
beforeEach(async () => {
  folder = await newDataDir();
  file = join(folder, 'backup');
  database = await createTestDatabase();
  sql = new pg.Client({ connectionString: database.url });
  await sql.connect();
  // The only table without an entity; each change of a status is a row of it.
  await sql.query("INSERT INTO status_changes (kind, to_status) VALUES ('workflow', 'pending')");
  await sql.query("SELECT setval('migrations_id_seq', 1000)");
});
afterEach(async () => {
  await sql.end();
  await database.drop();
});
afterAll(cleanUpProcesses);

const sequence = async (url: string): Promise<unknown> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query('SELECT last_value FROM migrations_id_seq');
  await client.end();
  return rows;
};

it('a backup leaves out what is not of NYX, says so, and is restored with all that is', async () => {
  const own = await contents(database.url);
  for (const statement of OTHERS) await sql.query(statement);
  const backup = await run('backup', { dataDir: folder, databaseUrl: database.url }, file);
  expect(backup).toEqual({
    code: 0,
    said: expect.stringMatching(/^Wrote [^\n]+\.\nLeft out, for it is not of NYX: [^\n]+\.\n$/) as string,
  });
  expect(backup.said).toContain(`: ${NAMES.join(', ')}.`);
  const target = await createTestDatabase({ empty: true });
  await restoreBackup(target.url, file);
  expect(await contents(target.url)).toEqual(own);
  expect(await sequence(target.url)).toEqual(await sequence(database.url));
  await target.drop();
});

it('a backup by a release that was brought back has what only the newer one knows', async () => {
  await sql.query("INSERT INTO migrations (timestamp, name) VALUES (2100000000000, 'FlyingCars2100000000000')");
  await sql.query('CREATE SEQUENCE takeoffs');
  await sql.query(
    "CREATE TABLE flying_cars (id serial, name text); INSERT INTO flying_cars (name) VALUES ('Delorean')",
  );
  expect(await makeBackup(database.url, file)).toMatchObject({ leftOut: [] });
  const written = gunzipSync(await readFile(file)).toString();
  expect(written).toContain('\n{"table":"public.flying_cars","columns":["id","name"]}\n1\tDelorean\n');
  for (const name of ['takeoffs', 'flying_cars_id_seq']) expect(written).toContain(`"public.${name}"`);
});

it('a sequence that only a default asks is in a backup', async () => {
  await sql.query("CREATE SEQUENCE numbers START 7; ALTER TABLE users ADD number int DEFAULT nextval('numbers')");
  expect(await makeBackup(database.url, file)).toMatchObject({ leftOut: [] });
  expect(gunzipSync(await readFile(file)).toString()).toContain('"public.numbers"');
});

it('nothing is restored beside what is not of NYX, whose rows stay', async () => {
  await makeBackup(database.url, file);
  await sql.query('TRUNCATE status_changes');
  for (const statement of OTHERS) await sql.query(statement);
  await expect(restoreBackup(database.url, file)).rejects.toThrow(
    'The database holds tables of something else: restore into an empty one.',
  );
  expect((await sql.query('SELECT srid FROM spatial_ref_sys')).rows).toEqual([{ srid: 4326 }]);
});
