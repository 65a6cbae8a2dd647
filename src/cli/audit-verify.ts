import { Logger } from '@nestjs/common';
import { verifyChain, type ChainHead } from '../auth/audit/audit-chain.js';
import { loadConfig } from '../config/load-config.js';
import { StartError } from '../config/start-error.js';
import { createDataSource } from '../database/data-source.js';
import { databaseFailure } from '../database/database-failure.js';
import { Database } from '../database/database.service.js';
import { entities } from '../entities.js';
import { borrowDatabase } from '../start/borrow-database.js';

const USAGE = 'Usage: npm run audit:verify [-- <number>:<hash> of an entry that was seen before]';

function seenIn(argument: string | undefined): ChainHead | undefined {
  if (argument === undefined) return undefined;
  const [, seq, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(argument) ?? [];
  if (seq === undefined || hash === undefined) throw new StartError(USAGE);
  return { seq: Number(seq), hash };
}

/** @returns whether the log is as it was written */
async function verify(url: string, seen: ChainHead | undefined): Promise<boolean> {
  const dataSource = await createDataSource({ url, poolSize: 1, entities, statementTimeoutMs: 0 }).initialize();
  try {
    const { entries, head, brokenAt, hasSeen, cutAt } = await verifyChain(new Database(dataSource), seen);
    if (brokenAt !== undefined) {
      console.log(
        `The audit log was tampered with: entry ${brokenAt} is not what was written, or entries before it are missing.`,
      );
    } else if (hasSeen === false) {
      console.log(`The audit log was tampered with: entry ${seen?.seq} is gone or is not the one that was seen.`);
    } else if (seen && hasSeen === undefined) {
      console.log(
        `Retention took the entries up to ${cutAt}, and ${seen.seq} with them: give one that was seen later.`,
      );
    } else {
      console.log(`The ${entries} entries of the audit log are as they were written.`);
      if (cutAt !== undefined) console.log(`Retention took those up to ${cutAt}; an entry tells of it.`);
      if (head) console.log(`Keep this elsewhere, to see later that none was cut off: ${head.seq}:${head.hash}`);
      return true;
    }
    return false;
  } finally {
    await dataSource.destroy();
  }
}

try {
  Logger.overrideLogger(false);
  const seen = seenIn(process.argv[2]);
  const database = await borrowDatabase(loadConfig());
  try {
    if (!(await verify(database.url, seen))) process.exitCode = 1;
  } finally {
    await database.close();
  }
} catch (thrown) {
  const error = databaseFailure(thrown, 'The audit log was not verified');
  console.error(error instanceof StartError ? error.message : error);
  process.exitCode = 1;
}
