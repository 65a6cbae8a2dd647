import type { QueryRunner } from 'typeorm';

/**
 * An index that is made while others work: it holds up nobody, and waits for whoever still works. Its migration has no transaction.
 * @param on the table, the columns and the condition, as SQL
 */
export async function indexConcurrently(runner: QueryRunner, name: string, on: string): Promise<void> {
  await withoutLimit(runner, async () => {
    // A try that was ended leaves an index that is not valid.
    await runner.query(`DROP INDEX CONCURRENTLY IF EXISTS ${name}`);
    await runner.query(`CREATE INDEX CONCURRENTLY ${name} ON ${on}`);
  });
}

/** The same for an index that nothing asks by any more. */
export async function dropConcurrently(runner: QueryRunner, name: string): Promise<void> {
  await withoutLimit(runner, async () => {
    await runner.query(`DROP INDEX CONCURRENTLY IF EXISTS ${name}`);
  });
}

async function withoutLimit(runner: QueryRunner, work: () => Promise<void>): Promise<void> {
  await runner.query('SET lock_timeout = 0');
  try {
    await work();
  } finally {
    // What migrations have.
    await runner.query(`SET lock_timeout = '1s'`);
  }
}
