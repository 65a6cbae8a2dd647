import { Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { appOptions, setupApp } from '../../src/app.setup.js';
import { AuthModule } from '../../src/auth/auth.module.js';
import { FirstStart } from '../../src/auth/first-start.service.js';
import { AppConfig, DUTIES } from '../../src/config/app-config.js';
import { ConfigModule } from '../../src/config/config.module.js';
import { DatabaseModule } from '../../src/database/database.module.js';
import { Database } from '../../src/database/database.service.js';
import { entities } from '../../src/entities.js';
import { HttpModule } from '../../src/http/http.module.js';
import { createTestDatabase } from '../support/database.js';

export const ADMIN = { username: 'admin', password: 'a password for tests' };
export const DEPLOYMENT_KEY = 'the-key-that-this-deployment-has-fixed';
export const JWT_SECRET = 'a signing secret that is long enough for tests';
export const PREVIOUS_SECRET = 'the signing secret before it, just as long';
export const ORIGIN = 'http://localhost:3000';

export const testConfig = (overrides: Partial<AppConfig> = {}): AppConfig =>
  Object.assign(new AppConfig(), {
    environment: 'test',
    duties: DUTIES,
    http: {
      host: '127.0.0.1',
      port: 0,
      names: { host: 'HOST', port: 'PORT' },
      corsOrigins: [ORIGIN],
      trustedProxies: [],
    },
    admin: ADMIN,
    jwtSecret: JWT_SECRET,
    jwtPreviousSecrets: [PREVIOUS_SECRET],
    deploymentApiKey: { key: DEPLOYMENT_KEY, role: 'operator' },
    logLevel: 'silent',
    rateLimitPerMinute: 0,
    ...overrides,
  });

export interface ProbeApp {
  readonly url: string;
  readonly app: NestExpressApplication;
  readonly database: Database;
  close(): Promise<void>;
}

/** The doors without the house: http/ and auth/ as in production, with controllers of the test behind them. */
export async function startProbeApp(
  databaseUrl: string,
  controllers: readonly Type[] = [],
  config = testConfig(),
): Promise<ProbeApp> {
  const withDatabase = Object.assign(new AppConfig(), config, { database: { url: databaseUrl, poolSize: 10 } });

  @Module({
    imports: [ConfigModule.forRoot(withDatabase), DatabaseModule.forRoot(entities), HttpModule, AuthModule],
    controllers: [...controllers],
  })
  class Probe {}

  const app = await NestFactory.create<NestExpressApplication>(Probe, appOptions(config));
  setupApp(app, config);
  await app.get(FirstStart).ensureAdmin();
  await app.listen(0, '127.0.0.1');
  return { url: await app.getUrl(), app, database: app.get(Database), close: () => app.close() };
}

/** A database of its own and one probe app on it. */
export async function startProbe(controllers: readonly Type[] = [], config = testConfig()): Promise<ProbeApp> {
  const own = await createTestDatabase();
  const probe = await startProbeApp(own.url, controllers, config);
  const close = async (): Promise<void> => {
    await probe.close();
    await own.drop();
  };
  return { ...probe, close };
}
