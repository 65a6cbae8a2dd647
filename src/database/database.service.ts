import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Pool } from 'pg';
import { FairQueue, QueueTimeout } from '../waiting/fair-queue.js';
import { hasCommitted } from './after-commit.js';
import { DatabaseUnreachable, isConnectionError } from './connection-errors.js';
import { CONNECT_TIMEOUT_MS } from './data-source.js';
import { ClientSql, PoolSql, type Sql, type Transaction } from './sql.js';

/** Connections that no transaction takes: when all of those wait for a lock, as of a frozen replica, what only reads is answered all the same. */
const KEPT_FOR_READS = 3;

/**
 * SQL and transactions on the application's pool. Every statement is written out: the entities describe the schema, for the migrations to be
 * made from and held against, and nothing is read or written by them. So whatever a durable step writes can run on the connection that the
 * step's checkpoint commits with.
 */
@Injectable()
export class Database implements Sql {
  readonly pool: Pool;
  private readonly sql: Sql;
  private readonly transactions: FairQueue;

  constructor(readonly dataSource: DataSource) {
    this.pool = (dataSource.driver as unknown as { master: Pool }).master;
    this.transactions = new FairQueue(Math.max(1, this.pool.options.max - KEPT_FOR_READS));
    this.sql = new PoolSql(this.pool);
  }

  query<Row>(text: string, values?: readonly unknown[]): Promise<Row[]> {
    return this.sql.query<Row>(text, values);
  }

  /**
   * Runs `work` in one READ COMMITTED transaction: committed when it resolves, rolled back when it throws.
   * @param onUnknown called before it throws because the database went away after the beginning was sent: nobody knows whether it is, or
   * will be, committed
   */
  async transaction<T>(work: (tx: Transaction) => T | Promise<T>, onUnknown?: () => void): Promise<T> {
    const leave = await this.transactions.enter('', CONNECT_TIMEOUT_MS).catch((error: unknown) => {
      throw error instanceof QueueTimeout ? new DatabaseUnreachable('No connection is free.', { cause: error }) : error;
    });
    try {
      return await transactionOn(this.pool, work, onUnknown);
    } finally {
      leave();
    }
  }
}

/** The same, on a connection of another pool. */
export async function transactionOn<T>(
  pool: Pool,
  work: (tx: Transaction) => T | Promise<T>,
  onUnknown?: () => void,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  const onLost = (cause: Error): void => {
    broken = cause;
  };
  // The pool hears only its idle connections: one that is lost between two statements would end the process.
  client.on('error', onLost);
  try {
    await client.query('BEGIN');
    const tx = new ClientSql(client);
    const result = await tx.whole(work);
    const { command } = await client.query('COMMIT');
    if (command !== 'COMMIT') throw new Error('A statement failed and was taken for done: nothing was committed.');
    hasCommitted(tx);
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch((cause: unknown) => {
      broken = cause instanceof Error ? cause : new Error(String(cause));
    });
    if (isConnectionError(error)) onUnknown?.();
    throw error;
  } finally {
    client.off('error', onLost);
    client.release(broken);
  }
}
