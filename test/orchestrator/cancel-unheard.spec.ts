import { Durable } from '../../src/durable/durable.service.js';
import { until } from '../support/until.js';
import { OrchestratorFixture } from './orchestrator-fixture.js';

const LISTENING = `FROM pg_stat_activity WHERE application_name = 'nyx:listen' AND datname = current_database()`;

describe('a cancel while the listening connection is away', () => {
  let fixture: OrchestratorFixture;

  beforeAll(async () => {
    fixture = await OrchestratorFixture.start();
  });
  afterAll(() => fixture.close());
  beforeEach(() => {
    fixture.model.reset();
    fixture.model.script({ hang: true });
  });
  afterEach(() => fixture.model.reset());

  const withACallInFlight = async (): Promise<string> => {
    const id = await fixture.accept('What is a clip?');
    await fixture.model.waitFor(1);
    return id;
  };

  const loseTheListeningConnection = async (): Promise<void> => {
    await fixture.database.query(`SELECT pg_terminate_backend(pid) ${LISTENING}`);
  };

  const callOf = async (id: string): Promise<{ status: string; error_code: string; ledger: string } | undefined> =>
    (
      await fixture.database.query<{ status: string; error_code: string; ledger: string }>(
        `SELECT i.status, i.error_code, l.status AS ledger FROM llm_interactions i
           JOIN budget_ledger l ON l.interaction_id = i.id WHERE i.workflow_id = $1`,
        [id],
      )
    )[0];

  const expectAborted = async (id: string): Promise<void> => {
    await until('the call was aborted', async () => (await callOf(id))?.status !== 'sent');
    expect(await callOf(id)).toEqual({ status: 'in_doubt', error_code: 'ABORTED', ledger: 'in_doubt' });
  };

  it('on this replica aborts the call in flight', async () => {
    const id = await withACallInFlight();
    await loseTheListeningConnection();
    const answer = await fixture.nyx.request('operator', 'POST', `/api/v1/orchestrator/workflows/${id}/cancel`);
    expect(answer.status).toBe(202);
    await expectAborted(id);
  });

  it('on another replica aborts the call in flight once the connection is back', async () => {
    const id = await withACallInFlight();
    // The notification of the other replica is one that nobody here hears: it is not sent.
    await fixture.database.transaction((tx) => fixture.nyx.app.get(Durable).cancel(tx, id));
    expect(await callOf(id)).toMatchObject({ status: 'sent' });
    await loseTheListeningConnection();
    await expectAborted(id);
  });
});
