import { createServer, type AddressInfo, type Server } from 'node:net';
import { until } from '../support/until.js';
import { OrchestratorFixture } from './orchestrator-fixture.js';

interface Booked {
  calls: string[];
  ledger: string[];
  reserved: number;
}

describe('a model provider that is away', () => {
  let resetting: Server;
  let fixture: OrchestratorFixture;
  let connections = 0;

  beforeAll(async () => {
    resetting = createServer((socket) => {
      connections += 1;
      socket.on('error', () => undefined);
      socket.once('data', () => socket.resetAndDestroy());
    });
    await new Promise<void>((resolve) => resetting.listen(0, '127.0.0.1', resolve));
    const { port } = resetting.address() as AddressInfo;
    fixture = await OrchestratorFixture.start({ llm: { baseUrl: `http://127.0.0.1:${port}` } });
  });
  afterAll(async () => {
    await fixture.close();
    resetting.close();
  });

  const failedWorkflow = async (): Promise<string> => {
    const id = await fixture.accept('What is a clip?');
    try {
      await until('the workflow failed', async () => {
        const rows = await fixture.database.query<{ status: string }>('SELECT status FROM workflows WHERE id = $1', [
          id,
        ]);
        return rows[0]?.status === 'failed';
      });
    } catch (error) {
      await fixture.nyx.request('operator', 'POST', `/api/v1/orchestrator/workflows/${id}/cancel`);
      throw error;
    }
    expect((await fixture.ended(id)).result).toMatchObject({
      success: false,
      metadata: { error_code: expect.stringMatching(/^LLM_/) as string },
    });
    return id;
  };

  const booked = async (id: string): Promise<Booked> => {
    const rows = await fixture.database.query<{ status: string; ledger: string }>(
      `SELECT i.status, l.status AS ledger FROM llm_interactions i JOIN budget_ledger l ON l.interaction_id = i.id
        WHERE i.workflow_id = $1`,
      [id],
    );
    const [scopes] = await fixture.database.query<{ reserved: string }>(
      'SELECT sum(reserved_usd) AS reserved FROM budget_scopes',
    );
    return {
      calls: rows.map(({ status }) => status),
      ledger: rows.map(({ ledger }) => ledger),
      reserved: Number(scopes?.reserved),
    };
  };

  it('resetting every connection fails a workflow after five calls, three of them repetitions of one, each in doubt once', async () => {
    const id = await failedWorkflow();
    expect(await booked(id)).toEqual({
      calls: Array<string>(5).fill('in_doubt'),
      ledger: Array<string>(5).fill('in_doubt'),
      reserved: 0,
    });
    expect(connections).toBe(5);
  });

  it('refusing every connection fails a workflow after five calls, none of which costs anything', async () => {
    await new Promise((resolve) => resetting.close(resolve));
    const id = await failedWorkflow();
    expect(await booked(id)).toEqual({
      calls: Array<string>(5).fill('failed'),
      ledger: Array<string>(5).fill('voided'),
      reserved: 0,
    });
    expect(connections).toBe(5);
  });
});
