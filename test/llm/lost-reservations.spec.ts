import pg from 'pg';
import { ExecutorIdentity } from '../../src/database/executor-identity.js';
import { newId } from '../../src/database/ids.js';
import { CallReservations } from '../../src/llm/call-reservations.js';
import { LlmGateway } from '../../src/llm/gateway.js';
import { OrchestratorFixture, uncached } from '../orchestrator/orchestrator-fixture.js';
import { CommitHold } from '../support/commit-hold.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { DatabaseRelay } from '../support/database-relay.js';
import { until } from '../support/until.js';

describe('a reservation of which its process does not know', () => {
  let database: TestDatabase;
  let relay: DatabaseRelay;
  let fixture: OrchestratorFixture;
  let sql: pg.Pool;

  beforeEach(async () => {
    database = await createTestDatabase();
    relay = await DatabaseRelay.before(database.url);
    sql = new pg.Pool({ connectionString: database.url, max: 2 });
    fixture = await OrchestratorFixture.start({ database: { url: relay.url } });
    await fixture.nyx.token('operator');
  });
  afterEach(async () => {
    await fixture.close();
    await sql.end();
    await relay.close();
    await database.drop();
  });

  const generate = (prompt: string): Promise<Response> =>
    fixture.nyx.request('operator', 'POST', '/api/v1/llm/generate', { user_prompt: prompt });
  const states = async (): Promise<string[]> => {
    const { rows } = await sql.query<{ state: string }>(
      `SELECT i.prompt_text || ' ' || i.status || ' ' || l.status AS state
         FROM llm_interactions i FULL JOIN budget_ledger l ON l.interaction_id = i.id ORDER BY 1`,
    );
    return rows.map(({ state }) => state);
  };

  /** The connection is lost while the reservation's commit is under way. */
  const lostInCommit = async (): Promise<CommitHold> => {
    const hold = await CommitHold.on(sql, 'budget_ledger');
    const unsent = generate('Hello?');
    await hold.untilHeld(1);
    relay.cut();
    relay.resume();
    expect((await unsent).status).toBe(503);
    await hold.untilAwaited();
    return hold;
  };

  it('because its commit was under way when the connection was lost, is given back when that has ended', async () => {
    const hold = await lostInCommit();
    await hold.release();
    await until('it is given back', async () => String(await states()) === 'Hello? failed voided');
    expect(fixture.model.requests).toEqual([]);
    const { rows } = await sql.query('SELECT FROM budget_scopes WHERE reserved_usd <> 0 OR in_doubt_usd <> 0');
    expect(rows).toEqual([]);
  });

  it('because its commit never came, leaves nothing behind', async () => {
    const hold = await lostInCommit();
    await hold.abandon();
    fixture.model.script({ answer: 'Hello.' });
    expect((await generate('And now?')).status).toBe(200);
    expect(await states()).toEqual(['And now? succeeded settled']);
  });

  it('because its commit was under way, is given back by the step that comes again', async () => {
    fixture.model.script({ answer: 'Hello.' });
    const hold = await CommitHold.on(sql, 'budget_ledger');
    const id = await fixture.accept('Hello?', uncached('direct_execution'));
    await hold.untilHeld(1);
    relay.cut();
    relay.resume();
    await hold.untilAwaited();
    await hold.release();
    expect(await fixture.ended(id)).toMatchObject({ status: 'completed', success: true });
    expect(fixture.model.requests).toHaveLength(1);
    const { rows } = await sql.query(
      'SELECT i.status, l.status AS money FROM llm_interactions i JOIN budget_ledger l ON l.interaction_id = i.id ORDER BY i.id',
    );
    expect(rows).toHaveLength(2);
    expect(rows).toEqual(
      expect.arrayContaining([
        { status: 'failed', money: 'voided' },
        { status: 'succeeded', money: 'settled' },
      ]),
    );
    expect((await sql.query('SELECT FROM budget_scopes WHERE reserved_usd <> 0 OR in_doubt_usd <> 0')).rows).toEqual(
      [],
    );
  });

  it('is none when no connection was to be had: nothing is looked for when the database is back', async () => {
    await sql.query(
      `CREATE TABLE looked_for (id uuid);
       CREATE FUNCTION note_entry() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN INSERT INTO looked_for VALUES (NEW.interaction_id); RETURN NULL; END $$;
       CREATE TRIGGER note_entry AFTER INSERT ON budget_ledger FOR EACH ROW EXECUTE FUNCTION note_entry()`,
    );
    relay.cut();
    await until('the connections are lost', () => fixture.database.pool.totalCount === 0);
    const attribution = { principalId: 'deployment', workflowId: undefined };
    const call = { purpose: 'test', prompt: 'Hello?', maxTokens: 10, attribution, budget: { workflowIds: [] } };
    await expect(fixture.nyx.app.get(LlmGateway).call(call)).rejects.toThrow();
    relay.resume();
    await fixture.nyx.app.get(CallReservations).onApplicationShutdown();
    expect((await sql.query('SELECT id FROM looked_for')).rows).toEqual([]);
  });

  it('because it was made after all of its executor was taken over, is in doubt after the next sweep', async () => {
    const identity = fixture.nyx.app.get(ExecutorIdentity);
    const [own, gone] = [identity.id, newId()];
    await sql.query(
      `INSERT INTO executors (id, status, lock_key, version, ended_at) VALUES ($1, 'gone', 1, 'test', now())`,
      [gone],
    );
    fixture.model.script({ hold: 'answers', answer: 'Hello.' });
    identity.become(gone);
    const ofTheDead = generate('I am dead.');
    await fixture.model.waitFor(1);
    identity.become(own);
    const ofTheLiving = generate('I live.');
    await fixture.model.waitFor(2);
    const isInDoubt = async (): Promise<boolean> => (await states())[0] === 'I am dead. in_doubt in_doubt';
    await until('it is in doubt', isInDoubt);
    expect((await states())[1]).toBe('I live. sent reserved');
    fixture.model.release('answers');
    await Promise.all([ofTheDead, ofTheLiving]);
  });

  it('because the step that it was for never came again, is in doubt when the workflow ended a while ago', async () => {
    fixture.model.script({ hold: 'answers', answer: 'Hello.' });
    const [ended, running] = [
      await fixture.accept('Ended?', uncached('direct_execution')),
      await fixture.accept('Running?', uncached('direct_execution')),
    ];
    await fixture.model.waitFor(2);
    await sql.query(
      `UPDATE workflows SET status = 'cancelled', completed_at = now() - interval '2 minutes' WHERE id = $1`,
      [ended],
    );
    const statusOf = async (id: string): Promise<unknown> =>
      (
        await sql.query<{ status: string }>(
          'SELECT l.status FROM budget_ledger l JOIN llm_interactions i ON i.id = l.interaction_id WHERE i.workflow_id = $1',
          [id],
        )
      ).rows[0]?.status;
    await until('it is in doubt', async () => (await statusOf(ended)) === 'in_doubt');
    expect(await statusOf(running)).toBe('reserved');
    fixture.model.release('answers');
    expect(await fixture.ended(running)).toMatchObject({ success: true });
  });
});
