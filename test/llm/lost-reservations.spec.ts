import pg from 'pg';
import { OrchestratorFixture } from '../orchestrator/orchestrator-fixture.js';
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

  it('because its commit was under way when the connection was lost, is given back when that has ended', async () => {
    const hold = await CommitHold.on(sql, 'budget_ledger');
    const unsent = generate('Hello?');
    await hold.untilHeld(1);
    relay.cut();
    relay.resume();
    expect((await unsent).status).toBe(503);
    await hold.untilAwaited();
    await hold.release();
    await until('it is given back', async () => String(await states()) === 'Hello? failed voided');
    expect(fixture.model.requests).toEqual([]);
    const { rows } = await sql.query('SELECT FROM budget_scopes WHERE reserved_usd <> 0 OR in_doubt_usd <> 0');
    expect(rows).toEqual([]);
  });

  it('because its commit never came, leaves nothing behind', async () => {
    const hold = await CommitHold.on(sql, 'budget_ledger');
    const unsent = generate('Hello?');
    await hold.untilHeld(1);
    relay.cut();
    relay.resume();
    expect((await unsent).status).toBe(503);
    await hold.untilAwaited();
    await hold.abandon();
    fixture.model.script({ answer: 'Hello.' });
    expect((await generate('And now?')).status).toBe(200);
    expect(await states()).toEqual(['And now? succeeded settled']);
  });
});
