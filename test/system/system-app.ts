import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Decimal } from 'decimal.js';
import { appOptions, setupApp } from '../../src/app.setup.js';
import { AuthModule } from '../../src/auth/auth.module.js';
import { AppConfig } from '../../src/config/app-config.js';
import { ConfigModule } from '../../src/config/config.module.js';
import { toolSettings } from '../../src/config/tool-settings.rules.js';
import { DatabaseModule } from '../../src/database/database.module.js';
import { DurableModule } from '../../src/durable/durable.module.js';
import { entities } from '../../src/entities.js';
import { HttpModule } from '../../src/http/http.module.js';
import { LlmModule } from '../../src/llm/llm.module.js';
import { MotivationModule } from '../../src/motivation/motivation.module.js';
import { SystemModule } from '../../src/system/system.module.js';
import { ToolsModule } from '../../src/tools/tools.module.js';
import { newTestFolder } from '../support/test-cluster.js';

export const KEY = 'the key that this deployment has fixed';

const configFor = (databaseUrl: string, folder: string): AppConfig =>
  Object.assign(new AppConfig(), {
    environment: 'test',
    http: { host: '127.0.0.1', port: 0, corsOrigins: [] },
    database: { url: databaseUrl, poolSize: 4 },
    dataDir: folder,
    workspaceDir: join(folder, 'workspace'),
    jwtSecret: 'a signing secret that is long enough for tests',
    deploymentApiKey: { key: KEY, role: 'viewer' },
    llm: { apiKey: undefined, baseUrl: undefined, defaultModel: 'claude-haiku-5-5', timeoutSeconds: 60 },
    budget: { dailyUsd: new Decimal(50), workflowUsd: new Decimal(5), autonomousDailyUsd: new Decimal(5) },
    limits: { maxRecursionDepth: 10, maxConcurrentAgents: 50, retryAttempts: 3, toolTimeoutSeconds: 30 },
    tools: { ...toolSettings({}, '/'), mcpServers: [] },
    rateLimitPerMinute: 0,
    logLevel: 'silent',
    warnings: [],
  });

/** What `SystemModule` looks at, behind the real doors. */
export async function startSystemApp(databaseUrl: string): Promise<NestExpressApplication> {
  const config = configFor(databaseUrl, await newTestFolder());

  @Module({
    imports: [
      ConfigModule.forRoot(config),
      DatabaseModule.forRoot(entities),
      HttpModule,
      AuthModule,
      DurableModule,
      LlmModule,
      ToolsModule,
      MotivationModule,
      SystemModule,
    ],
  })
  class SystemApp {}

  const app = await NestFactory.create<NestExpressApplication>(SystemApp, appOptions(config));
  setupApp(app, config);
  await app.listen(0, '127.0.0.1');
  return app;
}
