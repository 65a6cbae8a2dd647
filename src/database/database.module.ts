import { Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { AppConfig } from '../config/app-config.js';
import { StartError } from '../config/start-error.js';
import { createDataSource } from './data-source.js';
import { Database } from './database.service.js';
import { ExecutorIdentity } from './executor-identity.js';
import { Notifications } from './notifications.service.js';

/** The application's pool, everywhere. It closes after every other module has shut down. */
@Module({})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(private readonly dataSource: DataSource) {}

  /** @param entities every entity of the application: the rooms above own them, so they are handed in. */
  static forRoot(entities: DataSourceOptions['entities']): DynamicModule {
    return {
      module: DatabaseModule,
      global: true,
      providers: [
        {
          provide: DataSource,
          inject: [AppConfig],
          useFactory: async (config: AppConfig): Promise<DataSource> => {
            const { url, poolSize } = config.database;
            if (url === undefined)
              throw new StartError('The embedded PostgreSQL must run before the application starts.');
            return await createDataSource({ url, poolSize, entities }).initialize();
          },
        },
        Database,
        ExecutorIdentity,
        Notifications,
      ],
      exports: [DataSource, Database, ExecutorIdentity, Notifications],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }
}
