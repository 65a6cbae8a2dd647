import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from '../app.module.js';
import { appOptions, setupApp } from '../app.setup.js';
import { FirstStart, type FirstAdmin } from '../auth/first-start.service.js';
import { AppConfig } from '../config/app-config.js';
import { StartError } from '../config/start-error.js';
import { isConnectionError } from '../database/connection-errors.js';
import { closeUnused } from '../http/unused-connections.js';
import { Metrics } from '../telemetry/metrics.js';
import { listenError } from './listen-error.js';
import { MetricsServer } from './metrics-server.js';
import { openDatabase, type OpenDatabase } from './open-database.js';

const IDLE_SWEEP_MS = 100;
/** Running steps have 20 s; what is then still open, such as a stream nobody reads, is cut. */
const OPEN_CONNECTIONS_MS = 25_000;

export interface NyxServerOptions {
  /** The database was lost for good: whoever started the server should stop it. */
  readonly onDatabaseLost?: (error: StartError) => void;
}

/** NYX as a whole: database, schema, application and its address. */
export class NyxServer {
  private constructor(
    readonly config: AppConfig,
    private readonly app: NestExpressApplication,
    private readonly database: OpenDatabase,
    private readonly metrics: MetricsServer | undefined,
    /** Undefined unless this start made the first user. */
    readonly firstAdmin: FirstAdmin | undefined,
  ) {}

  /** @throws StartError one sentence for what whoever started it can mend */
  static async start(config: AppConfig, options: NyxServerOptions = {}): Promise<NyxServer> {
    const database = await openDatabase(config, options.onDatabaseLost);
    let app: NestExpressApplication | undefined;
    let metrics: MetricsServer | undefined;
    try {
      const complete = Object.assign(new AppConfig(), config, { database: { ...config.database, url: database.url } });
      app = await NestFactory.create<NestExpressApplication>(AppModule.forRoot(complete), appOptions(complete));
      setupApp(app, complete);
      const { metricsPort, http } = complete;
      if (metricsPort !== undefined) metrics = await MetricsServer.start(app.get(Metrics), http.host, metricsPort);
      await listen(app, complete);
      const firstAdmin = await app.get(FirstStart).ensureAdmin();
      return new NyxServer(complete, app, database, metrics, firstAdmin);
    } catch (error) {
      await metrics?.close();
      await app?.close().catch(() => undefined);
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
    const address = this.app.getHttpServer().address();
    const port = typeof address === 'object' && address ? address.port : this.config.http.port;
    const { host } = this.config.http;
    if (host === '0.0.0.0' || host === '::') return `http://127.0.0.1:${port}`;
    return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  }

  /** Takes no more requests, lets running steps end, hands workflows over, closes the database. No process is left behind. */
  async stop(): Promise<void> {
    const server = this.app.getHttpServer();
    server.close();
    const sweep = setInterval(() => closeUnused(server), IDLE_SWEEP_MS);
    const cut = setTimeout(() => server.closeAllConnections(), OPEN_CONNECTIONS_MS);
    try {
      await this.metrics?.close();
      await this.app.close();
    } catch (error) {
      new Logger(NyxServer.name).error('A part of NYX did not stop in order', error);
    } finally {
      clearInterval(sweep);
      clearTimeout(cut);
      await this.database.close();
    }
  }
}

async function listen(app: NestExpressApplication, config: AppConfig): Promise<void> {
  const { host, port } = config.http;
  try {
    await app.listen(port, host);
  } catch (error) {
    throw listenError(error, 'PORT', host, port);
  }
}
