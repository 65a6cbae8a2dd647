import pg from 'pg';
import type { Transaction } from '../../src/database/sql.js';
import { cancelFamily } from '../../src/durable/cancelling.js';
import { holdEnded } from '../../src/durable/erasure.js';
import { Rewind } from '../../src/durable/rewind.service.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/until.js';
import { DurableFixture } from './durable-fixture.js';

describe('a durable function with what it started, which an erasure holds', () => {
  let database: TestDatabase;
  let fixture: DurableFixture;
  beforeAll(async () => {
    database = await createTestDatabase();
    fixture = await DurableFixture.start(database.url, () => Promise.resolve());
  });
  afterAll(async () => {
    await fixture.close();
    await database.drop();
  });

  it.each<[string, (tx: Transaction, id: string) => Promise<unknown>]>([
    ['retry', (tx, id) => new Rewind().history(tx, id)],
    ['second cancel', cancelFamily],
  ])('is had by a %s at the same moment, one after the other', async (what, hold) => {
    const [top, child] = [`top of a ${what}`, `child of a ${what}`];
    await fixture.database.query(
      `INSERT INTO durable.workflow_status (workflow_uuid, status, parent_workflow_id)
       VALUES ($1, 'CANCELLED', NULL), ($2, 'CANCELLED', $1)`,
      [top, child],
    );
    const holder = new pg.Client({ connectionString: database.url });
    await holder.connect();
    const waiting = async (): Promise<number> => {
      const rows = await fixture.database.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      return rows.length;
    };
    try {
      await holder.query('BEGIN');
      await holder.query('SELECT FROM durable.workflow_status WHERE workflow_uuid = $1 FOR UPDATE', [child]);
      const erasure = fixture.database.transaction((tx) => holdEnded(tx, [top]));
      await until('the erasure waits', async () => (await waiting()) > 0);
      const other = fixture.database.transaction((tx) => hold(tx, top));
      await until('both wait', async () => (await waiting()) > 1);
      await holder.query('COMMIT');
      const [held] = await Promise.all([erasure, other]);
      expect(held.get(top)).toEqual([top, child]);
    } finally {
      await holder.end();
    }
  });
});
