import { Logger } from '@nestjs/common';
import { ClientSql, type Sql } from './sql.js';

const waiting = new WeakMap<Sql, (() => void)[]>();

/** Has `act` done when the transaction has committed, and never when it has not; at once where `sql` is none. For what is not in the database. */
export function afterCommit(sql: Sql, act: () => void): void {
  if (!(sql instanceof ClientSql)) {
    act();
    return;
  }
  const acts = waiting.get(sql) ?? [];
  acts.push(act);
  waiting.set(sql, acts);
}

/** For who commits transactions. What fails here changes nothing of what has been committed. */
export function hasCommitted(sql: Sql): void {
  const acts = waiting.get(sql) ?? [];
  waiting.delete(sql);
  for (const act of acts) {
    try {
      act();
    } catch (error) {
      new Logger('Database').error(`What follows a commit failed: ${String(error)}`);
    }
  }
}

/** A savepoint of what is to be done: call what it returns when the transaction has gone back to it. */
export function savepoint(sql: Sql): () => void {
  const acts = waiting.get(sql)?.length ?? 0;
  return () => {
    waiting.get(sql)?.splice(acts);
    if (sql instanceof ClientSql) sql.forgive();
  };
}
