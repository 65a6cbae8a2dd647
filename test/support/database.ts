import { newId } from '../../src/database/ids.js';
import { administer, databaseUrl } from './test-cluster.js';
import { until } from './until.js';

const LEAVING_MS = 30_000;

export interface TestDatabase {
  readonly url: string;
  /**
   * Waits for connections that are just ending (`pool.end()` does not wait for its sockets), of which PostgreSQL itself is patient for
   * five seconds only; one that a test forgot makes it fail.
   */
  drop(): Promise<void>;
}

/** A database of the caller's own, with the migrated schema and no rows. With `empty` there is not even the schema. */
export async function createTestDatabase(options: { readonly empty?: boolean } = {}): Promise<TestDatabase> {
  const cluster = variable('NYX_TEST_CLUSTER_URL');
  const prefix = variable('NYX_TEST_DATABASE_PREFIX');
  const name = `${prefix}_${newId().replaceAll('-', '')}`;
  await administer(cluster, `CREATE DATABASE ${name} TEMPLATE ${options.empty ? 'template0' : `${prefix}_template`}`);
  return {
    url: databaseUrl(cluster, name),
    drop: async () => {
      const open = `SELECT pid::text AS name FROM pg_stat_activity WHERE datname = '${name}' AND backend_type = 'client backend'`;
      await until(`all have left ${name}`, async () => (await administer(cluster, open)).length === 0, LEAVING_MS);
      await administer(cluster, `DROP DATABASE IF EXISTS ${name}`);
    },
  };
}

function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined)
    throw new Error(`${name} is missing: tests run by \`npm test\` or \`npm run jest -- <path>\`.`);
  return value;
}
