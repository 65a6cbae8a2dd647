import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from '../app.module.js';
import { appOptions, setupApp } from '../app.setup.js';
import { FirstStart, type FirstAdmin } from '../auth/first-start.service.js';
import type { AppConfig } from '../config/app-config.js';
import { closeUnused } from '../http/unused-connections.js';
import { Metrics } from '../telemetry/metrics.js';
import { listenError } from './listen-error.js';
import { MetricsServer } from './metrics-server.js';

const IDLE_SWEEP_MS = 100;
/** Running steps have 20 s; what is then still open, such as a stream nobody reads, is cut. */
const OPEN_CONNECTIONS_MS = 25_000;

/** What answers on NYX' addresses. */
export class Application {
  private constructor(
    private readonly config: AppConfig,
    private readonly app: NestExpressApplication,
    private readonly metrics: MetricsServer | undefined,
    /** Undefined unless this start made the first user. */
    readonly firstAdmin: FirstAdmin | undefined,
  ) {}

  /** @param config with the URL of a database that has the present schema */
  static async start(config: AppConfig): Promise<Application> {
    let app: NestExpressApplication | undefined;
    let metrics: MetricsServer | undefined;
    try {
      app = await NestFactory.create<NestExpressApplication>(AppModule.forRoot(config), appOptions(config));
      setupApp(app, config);
      const { metricsPort, http } = config;
      if (metricsPort !== undefined) metrics = await MetricsServer.start(app.get(Metrics), http.host, metricsPort);
      await listen(app, config);
      const firstAdmin = await app.get(FirstStart).ensureAdmin();
      return new Application(config, app, metrics, firstAdmin);
    } catch (error) {
      await metrics?.close();
      await app?.close().catch(() => undefined);
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

  /** Takes no more requests, lets running steps end, hands workflows over. What cannot be stopped in order is told by the log. */
  async stop(): Promise<void> {
    const server = this.app.getHttpServer();
    server.close();
    const sweep = setInterval(() => closeUnused(server), IDLE_SWEEP_MS);
    const cut = setTimeout(() => server.closeAllConnections(), OPEN_CONNECTIONS_MS);
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
  const { host, port } = config.http;
  try {
    await app.listen(port, host);
  } catch (error) {
    throw listenError(error, 'PORT', host, port);
  }
}
