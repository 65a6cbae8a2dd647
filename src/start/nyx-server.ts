import type { FirstAdmin } from '../auth/first-start.service.js';
import { AppConfig } from '../config/app-config.js';
import { StartError } from '../config/start-error.js';
import { isConnectionError } from '../database/connection-errors.js';
import { catalogOf } from '../llm/model-catalog.js';
import type { Application } from './application.js';
import { checkClock } from '../database/database-server.js';
import { runDatabase, type RunningDatabase } from './run-database.js';
import { requireWritableFolders } from './writable-folders.js';

export interface NyxServerOptions {
  /** The database was lost for good: whoever started the server should stop it. */
  readonly onDatabaseLost?: (error: StartError) => void;
  /** Ends the wait for a database that does not answer: the start throws its reason. */
  readonly signal?: AbortSignal;
}

/** Longer than everything of a stop that has a limit of its own. What deploys NYX has to wait longer than this. */
export const STOP_TIMEOUT_MS = 45_000;

/** NYX as a whole: database, schema, application and its address. */
export class NyxServer {
  private constructor(
    private readonly application: Application,
    private readonly database: RunningDatabase,
  ) {}

  /** @throws StartError one sentence for what whoever started it can mend */
  static async start(config: AppConfig, options: NyxServerOptions = {}): Promise<NyxServer> {
    // Before anything is made or migrated.
    catalogOf(config);
    await requireWritableFolders(config);
    const reading = import('./start-application.js');
    // Reading keeps this process from hearing of a database in time; but the embedded one first has much to do without it.
    if (config.database.url !== undefined) await reading;
    const running = runDatabase(config, options.onDatabaseLost, options.signal);
    await Promise.allSettled([reading, running]);
    const database = await running;
    try {
      // The embedded one has the clock of this machine.
      if (config.database.url !== undefined) await checkClock(database.url);
      const { startApplication } = await reading;
      const complete = Object.assign(new AppConfig(), config, { database: { ...config.database, url: database.url } });
      return new NyxServer(await startApplication(complete, database.url), database);
    } catch (error) {
      await database.close();
      if (error instanceof StartError || !isConnectionError(error)) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new StartError(`The database failed while NYX was starting (${reason}): mend that, and start it again.`, {
        cause: error,
      });
    }
  }

  /** Where it answers, as a browser on this machine writes it. */
  get url(): string {
    return this.application.url;
  }

  /** Undefined unless this start made the first user. */
  get firstAdmin(): FirstAdmin | undefined {
    return this.application.firstAdmin;
  }

  /** Takes no more requests, lets running steps end, hands workflows over, closes the database. No process is left behind. */
  async stop(): Promise<void> {
    try {
      await this.application.stop();
    } finally {
      await this.database.close();
    }
  }
}
