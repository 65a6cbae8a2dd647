import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from '../app.module.js';
import { appOptions, setupApp } from '../app.setup.js';
import { FirstStart, type FirstAdmin } from '../auth/first-start.service.js';
import type { AppConfig } from '../config/app-config.js';
import { closeAll, closeUnused } from '../http/unused-connections.js';
import { Metrics } from '../telemetry/metrics.js';
import { urlOf } from './address.rules.js';
import { listenError } from './listen-error.js';
import { MetricsServer } from './metrics-server.js';

const IDLE_SWEEP_MS = 100;
/** Running steps have 20 s; what is then still open, such as a stream nobody reads, is cut. */
const OPEN_CONNECTIONS_MS = 25_000;

/** What answers on NYX' addresses. */
export class Application {
  private metrics: MetricsServer | undefined;
  private madeAdmin: FirstAdmin | undefined;

  private constructor(
    private readonly config: AppConfig,
    private readonly app: NestExpressApplication,
  ) {}

  /** All its parts, none of which does anything yet. @param config with the URL of a database that runs, of whatever schema */
  static async create(config: AppConfig): Promise<Application> {
    const app = await NestFactory.create<NestExpressApplication>(AppModule.forRoot(config), appOptions(config));
    try {
      setupApp(app, config);
      return new Application(config, app);
    } catch (error) {
      await app.close().catch(() => undefined);
      throw error;
    }
  }

  /** Begins to work and to answer; the database has the present schema. Where that fails, it is to be abandoned. */
  async start(): Promise<void> {
    const { metricsPort, http } = this.config;
    if (metricsPort !== undefined) {
      this.metrics = await MetricsServer.start(this.app.get(Metrics), http, metricsPort);
    }
    await listen(this.app, this.config);
    this.madeAdmin = await this.app.get(FirstStart).ensureAdmin();
  }

  /** Undefined unless this start made the first user. */
  get firstAdmin(): FirstAdmin | undefined {
    return this.madeAdmin;
  }

  get url(): string {
    const address = this.app.getHttpServer().address();
    const port = typeof address === 'object' && address ? address.port : this.config.http.port;
    return urlOf(this.config.http.host, port);
  }

  /** Lets go of what a start that failed holds. */
  async abandon(): Promise<void> {
    await this.metrics?.close();
    await this.app.close().catch(() => undefined);
  }

  /** Takes no more requests, lets running steps end, hands workflows over. What cannot be stopped in order is told by the log. */
  async stop(): Promise<void> {
    const server = this.app.getHttpServer();
    server.close();
    const sweep = setInterval(() => closeUnused(server), IDLE_SWEEP_MS);
    const cut = setTimeout(() => closeAll(server), OPEN_CONNECTIONS_MS);
    try {
      await this.metrics?.close();
      await this.app.close();
    } catch (error) {
      new Logger(Application.name).error('A part of NYX did not stop in order', error);
    } finally {
      clearInterval(sweep);
      clearTimeout(cut);
    }
  }
}

async function listen(app: NestExpressApplication, config: AppConfig): Promise<void> {
  const { host, port, names } = config.http;
  try {
    await app.listen(port, host);
  } catch (error) {
    throw listenError(error, names, host, port);
  }
}
