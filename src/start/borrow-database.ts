import type { AppConfig } from '../config/app-config.js';
import { StartError } from '../config/start-error.js';
import { checkDatabaseServer } from '../database/database-server.js';
import { EmbeddedPostgres } from '../database/embedded-postgres.js';
import type { RunningDatabase } from './run-database.js';

/**
 * The database of the configuration for commands that only read, also beside a NYX that runs. The embedded one is started when it does not run, and
 * ended again; where there is none, none is made.
 * @throws StartError
 */
export async function borrowDatabase(config: AppConfig): Promise<RunningDatabase> {
  const { url } = config.database;
  if (url !== undefined) {
    await checkDatabaseServer(url);
    return { url, close: () => Promise.resolve() };
  }
  const running = await EmbeddedPostgres.runningOn(config.dataDir);
  if (running === 'none') {
    throw new StartError(
      `There is no database in ${config.dataDir}: set NYX_DATA_DIR to the folder of the NYX that is meant, or DATABASE_URL.`,
    );
  }
  if (running !== 'stopped') return { url: running, close: () => Promise.resolve() };
  const embedded = await EmbeddedPostgres.start({ dataDir: config.dataDir });
  return { url: embedded.url, close: () => embedded.stop() };
}
