import type { Sql } from './sql.js';

/** The fixed numbers of advisory locks in NYX' database, each another; replicas of all releases have to agree on them. 64 bits wide, so texts. */
export const ADVISORY_LOCKS = {
  migrations: '5207002',
  durableMigrations: '5207003',
  firstStart: '7318001',
  evaluation: '5041960062',
  recoverySweep: '7023318571412480001',
  promptVersions: '7023318571412480002',
  usageCompaction: '7023318571412480003',
  memorySweep: '7023318571412480011',
  statusRollUp: '7023318571412480012',
} as const;

/** @returns whether this transaction holds it from now until its end; false: another does */
export async function tryTransactionLock(tx: Sql, lock: string): Promise<boolean> {
  const [row] = await tx.query<{ held: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS held', [lock]);
  return row?.held === true;
}
