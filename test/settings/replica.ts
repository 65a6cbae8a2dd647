import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { AppConfig } from '../../src/config/app-config.js';
import { configOf } from '../../src/config/load-config.js';
import { createDataSource } from '../../src/database/data-source.js';
import { Database } from '../../src/database/database.service.js';
import { Notifications } from '../../src/database/notifications.service.js';
import { EmergencyStop } from '../../src/llm/guards/emergency-stop.js';
import { RuntimeSettings } from '../../src/settings/runtime-settings.js';

/** What of a replica follows the settings, without the application around it: several fit in one process. */
export class Replica {
  readonly settings: RuntimeSettings;
  readonly stop: EmergencyStop;
  private readonly notifications: Notifications;

  private constructor(
    private readonly source: DataSource,
    readonly database: Database,
  ) {
    const config = Object.assign(new AppConfig(), configOf({ NODE_ENV: 'test' }, '.'));
    this.notifications = new Notifications(database, source);
    this.settings = new RuntimeSettings(config, database, this.notifications);
    this.stop = new EmergencyStop(this.settings);
  }

  static async start(databaseUrl: string): Promise<Replica> {
    Logger.overrideLogger(false);
    const source = await createDataSource({ url: databaseUrl, poolSize: 4 }).initialize();
    const replica = new Replica(source, new Database(source));
    await replica.notifications.onModuleInit();
    await replica.settings.onModuleInit();
    return replica;
  }

  async close(): Promise<void> {
    await this.settings.onApplicationShutdown();
    await this.notifications.onApplicationShutdown();
    await this.source.destroy();
  }
}
