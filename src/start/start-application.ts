import { Logger } from '@nestjs/common';
import type { AppConfig } from '../config/app-config.js';
import { StartError } from '../config/start-error.js';
import { migrateDatabase } from '../database/migrate.js';
import { migrateDurableSchema } from '../durable/durable-schema.js';
import { Application } from './application.js';

/** Brings the schemas of the database up to date, and runs the application on it. @throws StartError */
export async function startApplication(config: AppConfig, url: string): Promise<Application> {
  // PostgreSQL has most to do for the one, and this process for the other.
  const creating = Application.create(config);
  try {
    const [application] = await Promise.all([creating, migrate(url)]);
    await application.start();
    return application;
  } catch (error) {
    await creating.then(
      (application) => application.abandon(),
      () => undefined,
    );
    throw error;
  }
}

async function migrate(url: string): Promise<void> {
  try {
    // Neither knows of the other's tables.
    const [ran] = await Promise.all([migrateDatabase(url), migrateDurableSchema(url)]);
    if (ran.length > 0) new Logger('Migrations').log(`Migrated the database: ${ran.join(', ')}`);
  } catch (error) {
    if (error instanceof StartError) throw error;
    const reason = error instanceof Error ? error.message.replace(/\.$/, '') : String(error);
    throw new StartError(`The database could not be migrated: ${reason}.`, { cause: error });
  }
}
