import { Logger } from '@nestjs/common';
import { ClientSql, type Sql } from './sql.js';

/**
 * For what is done outside of the database: calls `act` when the transaction `sql` has committed, never when it is rolled back, and at once
 * when `sql` is no transaction.
 */
export function afterCommit(sql: Sql, act: () => void): void {
  if (sql instanceof ClientSql) sql.acts.push(act);
  else act();
}

/** For who commits transactions. What fails here changes nothing of what has been committed. */
export function hasCommitted({ acts }: ClientSql): void {
  for (const act of acts.splice(0)) {
    try {
      act();
    } catch (error) {
      new Logger('Database').error(`What follows a commit failed: ${String(error)}`);
    }
  }
}
