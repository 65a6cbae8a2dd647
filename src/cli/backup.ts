import { resolve } from 'node:path';
import { Logger } from '@nestjs/common';
import { loadConfig } from '../config/load-config.js';
import { StartError } from '../config/start-error.js';
import { makeBackup } from '../start/backup/make-backup.js';
import { borrowDatabase } from '../start/borrow-database.js';

const USAGE = 'Usage: npm run backup [-- <file>]';

function fileOf(args: readonly string[]): string {
  if (args.length > 1 || args[0]?.startsWith('-') === true) throw new StartError(USAGE);
  const stamp = new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
  return resolve(args[0] ?? `nyx-${stamp}.backup.gz`);
}

try {
  Logger.overrideLogger(false);
  const file = fileOf(process.argv.slice(2));
  const database = await borrowDatabase(loadConfig());
  try {
    const { tables, rows, leftOut } = await makeBackup(database.url, file);
    console.log(
      `Wrote ${file}: ${rows} rows of ${tables} tables. Secrets of the data folder and the workspace are not in it.`,
    );
    if (leftOut.length > 0) console.log(`Left out, for it is not of NYX: ${leftOut.join(', ')}.`);
  } finally {
    await database.close();
  }
} catch (error) {
  console.error(error instanceof StartError ? error.message : error);
  process.exitCode = 1;
}
