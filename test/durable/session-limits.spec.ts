import { newId } from '../../src/database/ids.js';
import { SESSION_SETTINGS } from '../../src/database/session-settings.js';
import type { Transaction } from '../../src/database/sql.js';
import { DurableEngine } from '../../src/durable/durable-engine.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { DurableFixture } from './durable-fixture.js';

const LIMITS = ['statement_timeout', 'idle_in_transaction_session_timeout'] as const;

describe('what the server ends by itself', () => {
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

  const limits = async (tx: Transaction): Promise<Record<string, number>> => {
    const rows = await tx.query<{ name: string; ms: number }>(
      'SELECT name, setting::int AS ms FROM pg_settings WHERE name = ANY($1)',
      [LIMITS],
    );
    return Object.fromEntries(rows.map(({ name, ms }) => [name, ms]));
  };

  it('of requests is a statement, and a transaction that says nothing', async () => {
    expect(SESSION_SETTINGS.statement_timeout).toBeGreaterThan(0);
    expect(await fixture.database.transaction(limits)).toEqual(SESSION_SETTINGS);
  });

  it('of the durable engine is such a transaction only: who asks gives a statement up, or DBOS would take it for failed', async () => {
    const { idle_in_transaction_session_timeout } = SESSION_SETTINGS;
    expect(await fixture.context.get(DurableEngine).transaction(newId(), limits)).toEqual({
      statement_timeout: 0,
      idle_in_transaction_session_timeout,
    });
  });
});
