import { Logger } from '@nestjs/common';
import pg, { type ClientBase } from 'pg';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { setUpSession, PipelinedClient } from './pipelined-client.js';
import { ANSWER_GRACE_MS, SESSION_SETTINGS } from './session-settings.js';
import { migrations } from '../../migrations/index.js';

/** For a place in the pool, too: longer than all may wait for the locks of a frozen replica, or whoever asks meanwhile would be refused. */
export const CONNECT_TIMEOUT_MS = 8_000;
const IDLE_CONNECTION_MS = 30_000;

export interface DataSourceSettings {
  readonly url: string;
  /** Connections it may open. */
  readonly poolSize: number;
  /** Every entity; none where the tables are only migrated. */
  readonly entities?: DataSourceOptions['entities'];
  /** Names of the migrations that it knows; by default all. */
  readonly migrations?: readonly string[] | undefined;
  /** Shown in `pg_stat_activity`. */
  readonly applicationName?: string;
  /** 0 is no limit. */
  readonly statementTimeoutMs?: number;
  /** How long a statement waits for a lock; by default as long as it may take. */
  readonly lockTimeoutMs?: number;
}

/** The one way to a DataSource, for application, command line and tests. The schema only ever changes by migrations. */
export function createDataSource(settings: DataSourceSettings): DataSource {
  const logger = new Logger('DataSource');
  const statementTimeoutMs = settings.statementTimeoutMs ?? SESSION_SETTINGS.statement_timeout;
  const dataSource: DataSource = new DataSource({
    type: 'postgres',
    // It would read a second one.
    driver: pg,
    url: settings.url,
    entities: settings.entities ?? [],
    migrations: migrations.filter(({ name }) => settings.migrations?.includes(name) ?? true),
    migrationsTableName: 'migrations',
    migrationsTransactionMode: 'each',
    synchronize: false,
    migrationsRun: false,
    installExtensions: false,
    logging: false,
    poolSize: settings.poolSize,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    applicationName: settings.applicationName ?? 'nyx',
    poolErrorHandler: (error: unknown) => {
      if (!dataSource.isInitialized) return;
      const reason = error instanceof Error ? error.message : String(error);
      logger.warn(`A database connection was lost (${reason}); the pool opens another when it is needed.`);
    },
    extra: {
      Client: PipelinedClient,
      pipeline: true,
      // The pool hears its idle connections only: one that fails in the moment it is handed out would end the process.
      onConnect: async (client: ClientBase) => {
        client.on('error', (error) => logger.debug(`A connection failed: ${error.message}`));
        // No settings to begin a session with: a pooler would have to be told of them.
        setUpSession(client);
        if (settings.lockTimeoutMs !== undefined) await client.query(`SET lock_timeout = ${settings.lockTimeoutMs}`);
      },
      keepAlive: true,
      idleTimeoutMillis: IDLE_CONNECTION_MS,
      ...SESSION_SETTINGS,
      statement_timeout: statementTimeoutMs,
      ...(statementTimeoutMs > 0 && { query_timeout: 2 * statementTimeoutMs + ANSWER_GRACE_MS }),
    },
  });
  return dataSource;
}
