import { resolve } from 'node:path';
import { Logger } from '@nestjs/common';
import { loadConfig } from '../config/load-config.js';
import { StartError } from '../config/start-error.js';
import { restoreArchive } from '../start/backup/restore-archive.js';
import { restoreBackup } from '../start/backup/restore-backup.js';
import { borrowDatabase } from '../start/borrow-database.js';
import { runDatabase } from '../start/run-database.js';

const USAGE = 'Usage: npm run restore -- <file of a backup>, or npm run restore -- --archive <file of an archive>';

async function backup(file: string): Promise<string> {
  const database = await runDatabase(loadConfig());
  try {
    const { rows, tables, madeAt } = await restoreBackup(database.url, file);
    return `Restored ${rows} rows of ${tables} tables, as they were at ${madeAt}. What ran then goes on when NYX starts.`;
  } finally {
    await database.close();
  }
}

async function archive(file: string): Promise<string> {
  const config = loadConfig();
  const ofCalls =
    config.retention.callsDays === undefined ? '' : ', and RETENTION_CALLS_DAYS for calls of no workflow,';
  const database = await borrowDatabase(config);
  try {
    const { rows, there, madeAt } = await restoreArchive(database.url, file);
    return `Put back ${rows} rows that were archived at ${madeAt}; ${there} were there. They are as old as before: raise max_thought_tree_age_days${ofCalls} to keep them.`;
  } finally {
    await database.close();
  }
}

try {
  Logger.overrideLogger(false);
  const [name, ...more] = process.argv.slice(2);
  const [archived] = more;
  if (name === '--archive' && archived !== undefined && more.length === 1)
    console.log(await archive(resolve(archived)));
  else if (name === undefined || name.startsWith('-') || more.length > 0) throw new StartError(USAGE);
  else console.log(await backup(resolve(name)));
} catch (error) {
  console.error(error instanceof StartError ? error.message : error);
  process.exitCode = 1;
}
