import type { QueryRunner } from 'typeorm';

/**
 * An index that is made while others work: it holds up nobody, and waits for whoever still works. Its migration has no transaction.
 * @param on the table, the columns and the condition, as SQL
 */
export async function indexConcurrently(runner: QueryRunner, name: string, on: string): Promise<void> {
  await runner.query('SET lock_timeout = 0');
  try {
    // A try that was ended leaves an index that is not valid.
    await runner.query(`DROP INDEX CONCURRENTLY IF EXISTS ${name}`);
    await runner.query(`CREATE INDEX CONCURRENTLY ${name} ON ${on}`);
  } finally {
    // What migrations have.
    await runner.query(`SET lock_timeout = '1s'`);
  }
}
