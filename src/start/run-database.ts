import { Logger } from '@nestjs/common';
import type { AppConfig } from '../config/app-config.js';
import type { StartError } from '../config/start-error.js';
import { checkDatabaseServer } from '../database/database-server.js';
import { EmbeddedPostgres } from '../database/embedded-postgres.js';

export interface RunningDatabase {
  readonly url: string;
  /** Ends the embedded PostgreSQL; one from outside is left alone. */
  close(): Promise<void>;
}

/**
 * The database of the configuration, with the schema that it has: the one DATABASE_URL names, else the embedded one of the data folder.
 * @throws StartError, or the reason of `signal`, which ends the wait for a database from outside
 */
export async function runDatabase(
  config: AppConfig,
  onLost?: (error: StartError) => void,
  signal?: AbortSignal,
): Promise<RunningDatabase> {
  const { url } = config.database;
  if (url !== undefined) {
    await checkDatabaseServer(url, undefined, signal);
    return { url, close: () => Promise.resolve() };
  }
  const embedded = await EmbeddedPostgres.start({ dataDir: config.dataDir, onLost });
  const how = embedded.adopted
    ? 'Adopted the embedded PostgreSQL that was left running'
    : 'Started the embedded PostgreSQL';
  new Logger('Database').log(`${how} on 127.0.0.1:${embedded.port}, data in ${config.dataDir}`);
  return { url: embedded.url, close: () => embedded.stop() };
}
