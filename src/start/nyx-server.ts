import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from '../app.module.js';
import { appOptions, setupApp } from '../app.setup.js';
import { FirstStart, type FirstAdmin } from '../auth/first-start.service.js';
import { AppConfig } from '../config/app-config.js';
import { StartError } from '../config/start-error.js';
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
    /** Undefined unless this start made the first user. */
    readonly firstAdmin: FirstAdmin | undefined,
  ) {}

  /** @throws StartError one sentence for what whoever started it can mend */
  static async start(config: AppConfig, options: NyxServerOptions = {}): Promise<NyxServer> {
    const database = await openDatabase(config, options.onDatabaseLost);
    let app: NestExpressApplication | undefined;
    try {
      const complete = Object.assign(new AppConfig(), config, { database: { ...config.database, url: database.url } });
      app = await NestFactory.create<NestExpressApplication>(AppModule.forRoot(complete), appOptions(complete));
      setupApp(app, complete);
      await listen(app, complete);
      const firstAdmin = await app.get(FirstStart).ensureAdmin();
      return new NyxServer(complete, app, database, firstAdmin);
    } catch (error) {
      await app?.close().catch(() => undefined);
      await database.close();
      throw error;
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
    const sweep = setInterval(() => server.closeIdleConnections(), IDLE_SWEEP_MS);
    const cut = setTimeout(() => server.closeAllConnections(), OPEN_CONNECTIONS_MS);
    try {
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
    const code = (error as NodeJS.ErrnoException).code;
    const where = `${host}:${port}`;
    if (code === 'EADDRINUSE') {
      throw new StartError(`PORT: another program already listens on ${where}: stop it, or set PORT to a free port.`, {
        cause: error,
      });
    }
    if (code === 'EACCES') {
      throw new StartError(`PORT: this account may not listen on ${where}: set PORT to 1024 or more.`, {
        cause: error,
      });
    }
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
      throw new StartError(`HOST: ${host} is not an address of this machine.`, { cause: error });
    }
    throw error;
  }
}
