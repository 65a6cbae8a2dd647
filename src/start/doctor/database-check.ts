import pg from 'pg';
import { migrations } from '../../../migrations/index.js';
import type { AppConfig } from '../../config/app-config.js';
import { StartError } from '../../config/start-error.js';
import { clockComplaint, clockSkewSeconds, READ_CLOCK } from '../../database/clock-skew.js';
import { SESSION_SETTINGS } from '../../database/session-settings.js';
import { EmbeddedPostgres } from '../../database/embedded-postgres.js';
import { DURABLE_VERSION } from '../../durable/dbos.js';
import { isSeen } from '../../durable/liveness.js';
import { STRANDED, strandedSentence, type Stranded } from '../../durable/stranded.js';
import { borrowDatabase } from '../borrow-database.js';
import { dutiesOf } from './duties-check.js';
import { good, note, wrong, type Finding } from './finding.js';

/** Reachable, new enough, no transaction pooler, schema, who runs on it, and its clock. Reads only, also beside a NYX that runs. */
export async function checkDatabase(config: AppConfig): Promise<Finding[]> {
  let database: Awaited<ReturnType<typeof borrowDatabase>>;
  try {
    if (config.database.url === undefined && (await EmbeddedPostgres.runningOn(config.dataDir)) === 'none') {
      return [note('database', `There is none in ${config.dataDir} yet: the first start makes one.`)];
    }
    database = await borrowDatabase(config);
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    return [wrong('database', error.message)];
  }
  const client = new pg.Client({
    connectionString: database.url,
    application_name: 'nyx-doctor',
    ...SESSION_SETTINGS,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return [
      await serverOf(client),
      await schemaOf(client),
      await replicasOf(client),
      ...((await knowsDuties(client)) ? [...(await strandedOf(client)), ...(await dutiesOf(client))] : []),
      await clockOf(client),
    ];
  } catch (error) {
    return [
      wrong('database', `It answered, and then failed: ${error instanceof Error ? error.message : String(error)}.`),
    ];
  } finally {
    await client.end().catch(() => undefined);
    await database.close();
  }
}

async function serverOf(client: pg.Client): Promise<Finding> {
  const { rows } = await client.query<{ version: string; used: number; most: number; is_limited: boolean }>(
    `SELECT current_setting('server_version') AS version, current_setting('max_connections')::int AS most,
            current_setting('idle_in_transaction_session_timeout') <> '0' AS is_limited,
            -- The server's own processes are of no database.
            (SELECT count(*)::int FROM pg_stat_activity WHERE datid IS NOT NULL) AS used`,
  );
  const { version = '?', used = 0, most = 0, is_limited: isLimited } = rows[0] ?? {};
  const says = `PostgreSQL ${version} answers, with sessions that last; ${used} of ${most} connections are in use.`;
  if (isLimited !== true) {
    return note(
      'database',
      `${says} A connection pooler drops idle_in_transaction_session_timeout, so a frozen replica would keep its locks: ALTER ROLE … SET idle_in_transaction_session_timeout = '5s'.`,
    );
  }
  return used < most * 0.8
    ? good('database', says)
    : note('database', `${says} A replica needs about 25: raise max_connections.`);
}

async function schemaOf(client: pg.Client): Promise<Finding> {
  const { rows: there } = await client.query<{ is: boolean }>(
    `SELECT to_regclass('public.migrations') IS NOT NULL AS is`,
  );
  if (there[0]?.is !== true) return note('schema', 'The database is empty: the first start migrates it.');
  const { rows } = await client.query<{ name: string }>('SELECT name FROM public.migrations');
  const ran = new Set(rows.map(({ name }) => name));
  const known = migrations.map(({ name }) => name);
  const newer = [...ran].filter((name) => !known.includes(name));
  const pending = known.filter((name) => !ran.has(name));
  if (newer.length > 0) {
    return note(
      'schema',
      `It was migrated by a newer NYX (${newer.join(', ')}): upgrade this one, it runs only until then.`,
    );
  }
  if (pending.length > 0) {
    return note(
      'schema',
      `${pending.length} migrations are pending, from ${pending[0] ?? '?'} on: the next start runs them, or \`npm run migration:run\`.`,
    );
  }
  return good('schema', `All ${known.length} migrations have run.`);
}

async function replicasOf(client: pg.Client): Promise<Finding> {
  const { rows: there } = await client.query<{ is: boolean }>(
    `SELECT to_regclass('public.executors') IS NOT NULL AS is`,
  );
  if (there[0]?.is !== true) return good('replicas', 'None runs.');
  const { rows } = await client.query<{ live: number; silent: number; waiting: number }>(
    `SELECT count(*) FILTER (WHERE ${isSeen()})::int AS live,
            count(*) FILTER (WHERE NOT ${isSeen()})::int AS silent,
            (SELECT count(*)::int FROM workflows WHERE status IN ('pending', 'in_progress')) AS waiting
       FROM executors WHERE status IN ('live', 'draining')`,
  );
  const { live = 0, silent = 0, waiting = 0 } = rows[0] ?? {};
  const says = `${live} run, and ${waiting} workflows have not ended.`;
  if (live > 0 && silent > 0)
    return wrong(
      'replicas',
      `${says} ${silent} are silent and nobody takes over their work: read the log of those that run.`,
    );
  return live === 0 && waiting > 0 ? note('replicas', `${says} They go on when NYX starts.`) : good('replicas', says);
}

/** Whether who runs says what it is there for: not before the schema has been migrated as far. */
async function knowsDuties(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ does: boolean }>(
    `SELECT to_regclass('durable.workflow_status') IS NOT NULL AND EXISTS (SELECT FROM information_schema.columns
        WHERE table_schema = 'public' AND table_name = 'executors' AND column_name = 'roles') AS does`,
  );
  return rows[0]?.does === true;
}

/** Of these nobody takes over: only what is wrong is told. */
async function strandedOf(client: pg.Client): Promise<Finding[]> {
  const { rows } = await client.query<Stranded>(STRANDED, [DURABLE_VERSION]);
  return rows.length === 0 ? [] : [wrong('workflows', strandedSentence(rows))];
}

async function clockOf(client: pg.Client): Promise<Finding> {
  const skewSeconds = await clockSkewSeconds(() => client.query<{ now: number }>(READ_CLOCK));
  const complaint = clockComplaint(skewSeconds);
  if (complaint !== undefined) return wrong('clock', complaint);
  return good('clock', `It differs from the database's by ${Math.abs(skewSeconds).toFixed(1)} s.`);
}
