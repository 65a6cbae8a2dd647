import pg from 'pg';
import { OrchestratorFixture } from '../orchestrator/orchestrator-fixture.js';
import { until } from '../support/until.js';

const BLOCKED = `FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;

describe('a lock that somebody holds on the balance of the day', () => {
  let fixture: OrchestratorFixture;
  let holder: pg.Client;
  /** In no transaction: in one the list of sessions stays as it was first seen. */
  let observer: pg.Client;

  beforeAll(async () => {
    fixture = await OrchestratorFixture.start();
    [holder, observer] = [0, 1].map(() => new pg.Client(fixture.nyx.config.database.url)) as [pg.Client, pg.Client];
    await Promise.all([holder.connect(), observer.connect()]);
    await fixture.execute('What is a pen?');
  });
  afterAll(async () => {
    await Promise.all([holder.end(), observer.end()]);
    await fixture.close();
  });
  beforeEach(() => fixture.model.reset());

  const lockTheDay = async (): Promise<void> => {
    await holder.query('BEGIN');
    await holder.query(`SELECT 1 FROM budget_scopes WHERE kind = 'system_day' FOR UPDATE`);
  };

  /** Ends, as its timeout does (57014), the statement that waits for the lock. */
  const timeOutTheWaiting = (): Promise<void> =>
    until('a statement waited for the lock and was ended', async () => {
      const { rowCount } = await observer.query(`SELECT pg_cancel_backend(pid) ${BLOCKED}`);
      return rowCount === 1;
    });

  const expectPaidOnce = async (id: string): Promise<void> => {
    expect(await fixture.ended(id)).toMatchObject({ status: 'completed', success: true });
    expect(fixture.model.requests).toHaveLength(1);
    const calls = await fixture.database.query(
      `SELECT i.status, l.status AS ledger FROM llm_interactions i JOIN budget_ledger l ON l.interaction_id = i.id
        WHERE i.workflow_id = $1`,
      [id],
    );
    expect(calls).toEqual([{ status: 'succeeded', ledger: 'settled' }]);
  };

  it('for longer than a statement may take delays a workflow, and does not fail it', async () => {
    await lockTheDay();
    const id = await fixture.accept('What is a clip?');
    await timeOutTheWaiting();
    await timeOutTheWaiting();
    await holder.query('COMMIT');
    await expectPaidOnce(id);
  });

  it('for longer than a statement may take loses no answer that was paid for', async () => {
    fixture.model.script({ hold: 'answer', answer: 'It clips.' });
    const id = await fixture.accept('What is a clip?');
    await fixture.model.waitFor(1);
    await lockTheDay();
    fixture.model.release('answer');
    await timeOutTheWaiting();
    await timeOutTheWaiting();
    await holder.query('COMMIT');
    await expectPaidOnce(id);
    expect((await fixture.ended(id)).result.content).toBe('It clips.');
  });

  it('is ended, when a frozen replica holds it, before it ends statements of others', async () => {
    const settings = await fixture.database.query<{ idle: number; statement: number }>(
      `SELECT max(setting::int) FILTER (WHERE name = 'idle_in_transaction_session_timeout') AS idle,
              max(setting::int) FILTER (WHERE name = 'statement_timeout') AS statement FROM pg_settings`,
    );
    const [{ idle, statement } = { idle: 0, statement: 0 }] = settings;
    expect(idle).toBeGreaterThan(0);
    expect(idle).toBeLessThan(statement);
  });
});
