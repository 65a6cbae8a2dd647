import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { EmbeddedPostgres } from '../../src/database/embedded-postgres.js';
import { stopServer } from '../../src/database/embedded/postgres-server.js';
import { isAlive, isPostgresOn, readPostmaster } from '../../src/database/embedded/postmaster-pid.js';
import { migrateDatabase } from '../../src/database/migrate.js';
import { migrateDurableSchema } from '../../src/durable/durable-schema.js';
import { ControlGroups } from '../../src/tools/sandbox/control-groups.js';
import { removeAbandoned as removeAbandonedSandboxes } from '../../src/tools/sandbox/sandbox-host.js';

const FOLDER_PREFIX = 'nyx-test-run-';

/** Nothing in it outlives the run, so nothing has to reach the disk. */
const FAST_SETTINGS = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '400' };

interface TestCluster {
  readonly embedded: EmbeddedPostgres | undefined;
  /** Every folder of this run is in it. */
  readonly folder: string;
  readonly url: string;
  /** Every database of this run begins with it. */
  readonly prefix: string;
}

let cluster: TestCluster | undefined;

/**
 * Once for the whole run: one PostgreSQL (embedded, or the one of TEST_DATABASE_URL, whose user may create databases) and in it a
 * migrated template, which each test file copies. The workers learn of it through two variables.
 */
export async function openTestCluster(): Promise<void> {
  await removeAbandoned();
  const folder = await mkdtemp(join(tmpdir(), `${FOLDER_PREFIX}${process.pid}-`));
  await chmod(folder, 0o711);
  const outside = process.env.TEST_DATABASE_URL;
  const embedded = outside
    ? undefined
    : await EmbeddedPostgres.start({ dataDir: join(folder, 'cluster'), usualPort: 0, settings: FAST_SETTINGS });
  const prefix = `nyx_test_${randomBytes(4).toString('hex')}`;
  cluster = { embedded, folder, url: embedded?.url ?? outside ?? '', prefix };
  await administer(cluster.url, `CREATE DATABASE ${prefix}_template`);
  const template = databaseUrl(cluster.url, `${prefix}_template`);
  await migrateDatabase(template);
  await migrateDurableSchema(template);
  process.env.NYX_TEST_CLUSTER_URL = cluster.url;
  process.env.NYX_TEST_DATABASE_PREFIX = prefix;
  process.env.NYX_TEST_FOLDER = folder;
}

/** Ends and removes everything of the run, also what a test forgot. */
export async function closeTestCluster(): Promise<void> {
  if (!cluster) return;
  // What a NYX that was killed left, and no later one removed.
  if (process.platform === 'linux') await removeAbandonedSandboxes(await ControlGroups.find());
  const { embedded, folder, url, prefix } = cluster;
  cluster = undefined;
  if (embedded) {
    await embedded.stop();
  } else {
    const names = await administer(url, `SELECT datname AS name FROM pg_database WHERE datname LIKE '${prefix}\\_%'`);
    for (const { name } of names) await administer(url, `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
  }
  await removeRunFolder(folder);
}

/** A new folder of the run; the `postgres` account may pass through it. */
export async function newTestFolder(): Promise<string> {
  const folder = await mkdtemp(join(process.env.NYX_TEST_FOLDER ?? tmpdir(), 'data-'));
  await chmod(folder, 0o711);
  return folder;
}

/** Folders of runs that were killed. */
async function removeAbandoned(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = Number(new RegExp(`^${FOLDER_PREFIX}(\\d+)-`).exec(name)?.[1]);
    if (!Number.isNaN(pid) && !isAlive(pid)) await removeRunFolder(join(tmpdir(), name));
  }
}

async function removeRunFolder(folder: string): Promise<void> {
  for (const name of await readdir(folder)) await stopPostgresOf(join(folder, name));
  await rm(folder, { recursive: true, force: true });
}

/** Ends the embedded PostgreSQL of a data folder whose NYX is gone. */
export async function stopPostgresOf(dataDir: string): Promise<void> {
  const data = join(dataDir, 'postgres', 'data');
  const server = await readPostmaster(data);
  if (server && (await isPostgresOn(server.pid, data))) await stopServer(server.pid);
}

/** Runs one statement outside of every test database. */
export async function administer(url: string, statement: string): Promise<{ name: string }[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<{ name: string }>(statement)).rows;
  } finally {
    await client.end();
  }
}

/** The same server and account, another database. */
export function databaseUrl(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.href;
}
