import { Logger } from '@nestjs/common';
import type { AppConfig } from '../config/app-config.js';
import { StartError } from '../config/start-error.js';
import { checkClock, checkDatabaseServer } from '../database/database-server.js';
import { EmbeddedPostgres } from '../database/embedded-postgres.js';
import { migrateDatabase } from '../database/migrate.js';

export interface OpenDatabase {
  readonly url: string;
  /** Ends the embedded PostgreSQL; one from outside is left alone. */
  close(): Promise<void>;
}

/** What takes longest of `openDatabase` at a first start: another process works on it, and this one need not wait. @throws StartError */
export const prepareDatabase = async ({ database, dataDir }: AppConfig): Promise<void> =>
  database.url === undefined ? await EmbeddedPostgres.prepare(dataDir) : undefined;

/**
 * The database of the configuration, running and with the present schema: the one DATABASE_URL names, else the embedded one of the data folder.
 * @throws StartError
 */
export async function openDatabase(config: AppConfig, onLost?: (error: StartError) => void): Promise<OpenDatabase> {
  const database = await runDatabase(config, onLost);
  // The embedded one has the clock of this machine.
  if (config.database.url !== undefined) await checkClock(database.url);
  try {
    const ran = await migrateDatabase(database.url);
    if (ran.length > 0) new Logger('Migrations').log(`Migrated the database: ${ran.join(', ')}`);
    return database;
  } catch (error) {
    await database.close();
    const reason = error instanceof Error ? error.message : String(error);
    throw new StartError(`The database could not be migrated: ${reason}.`, { cause: error });
  }
}

/** As `openDatabase`, but the schema is left as it is. */
export async function runDatabase(config: AppConfig, onLost?: (error: StartError) => void): Promise<OpenDatabase> {
  const { url } = config.database;
  if (url !== undefined) {
    await checkDatabaseServer(url);
    return { url, close: () => Promise.resolve() };
  }
  const embedded = await EmbeddedPostgres.start({ dataDir: config.dataDir, onLost });
  const how = embedded.adopted
    ? 'Adopted the embedded PostgreSQL that was left running'
    : 'Started the embedded PostgreSQL';
  new Logger('Database').log(`${how} on 127.0.0.1:${embedded.port}, data in ${config.dataDir}`);
  return { url: embedded.url, close: () => embedded.stop() };
}
