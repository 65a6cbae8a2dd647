import pg from 'pg';
import { ADVISORY_LOCKS } from '../database/advisory-locks.js';
import { givingWay, LOCK_TIMEOUT_MS, withMigrationLock } from '../database/migrate.js';
import { DURABLE_SCHEMA, ensureSystemDatabase } from './dbos.js';

const silent = { info: () => undefined, debug: () => undefined, warn: () => undefined, error: () => undefined };

/** What is built CONCURRENTLY holds up nobody, and waits for whoever still works as long as it takes. */
class GivingWayClient extends pg.Client {
  constructor(config?: pg.ClientConfig) {
    super(config);
    const send = this.query.bind(this) as (...args: readonly unknown[]) => Promise<unknown>;
    this.query = (async (text: string, ...rest: readonly unknown[]) => {
      if (!/\bCONCURRENTLY\b/.test(text)) return send(text, ...rest);
      await send('SET lock_timeout = 0');
      try {
        return await send(text, ...rest);
      } finally {
        await send(`SET lock_timeout = ${LOCK_TIMEOUT_MS}`);
      }
    }) as pg.Client['query'];
  }
}

/** Makes the durable engine's tables, or brings them up to date, without starting it; what has been done is not done again. */
export async function migrateDurableSchema(url: string): Promise<void> {
  const pool = new pg.Pool({
    Client: GivingWayClient,
    connectionString: url,
    max: 1,
    application_name: 'nyx:migrate',
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  });
  pool.on('error', () => undefined);
  const logger = silent as unknown as Parameters<typeof ensureSystemDatabase>[1];
  const migrate = async (): Promise<void> => {
    // On its one connection. DBOS itself waits for a lock as long as it takes, and all that come after wait with it.
    await pool.query(`SET lock_timeout = ${LOCK_TIMEOUT_MS}`);
    await ensureSystemDatabase(url, logger, pool, DURABLE_SCHEMA);
  };
  try {
    // Two replicas that migrate at once would deadlock.
    await withMigrationLock(url, ADVISORY_LOCKS.durableMigrations, () => givingWay(migrate));
  } finally {
    await pool.end();
  }
}
