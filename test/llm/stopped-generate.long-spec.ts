import { Chaos } from '../chaos/chaos-fixture.js';
import { cleanUpProcesses } from '../support/process.js';
import { until } from '../support/until.js';

interface Call {
  readonly status: string;
  readonly ledger: string;
}

describe('a generate in flight when its process is stopped', () => {
  afterAll(cleanUpProcesses);

  it('leaves nothing reserved after the next start', async () => {
    const chaos = await Chaos.begin();
    try {
      const leaving = await chaos.startNyx();
      chaos.model.script({ hang: true });
      const body = JSON.stringify({ user_prompt: 'Hello?' });
      const caller = chaos.fetch(leaving, '/api/v1/llm/generate', { method: 'POST', body }).catch(() => undefined);
      await chaos.model.waitFor(1);
      leaving.kill('SIGTERM');
      expect(await leaving.exited).toMatchObject({ code: 0 });
      await caller;
      await chaos.startNyx();
      const calls = async (): Promise<Call[]> =>
        (
          await chaos.sql.query<Call>(
            `SELECT i.status, l.status AS ledger FROM llm_interactions i JOIN budget_ledger l ON l.interaction_id = i.id`,
          )
        ).rows;
      await until('nothing is reserved', async () => (await calls()).every(({ ledger }) => ledger !== 'reserved'));
      expect(await calls()).toEqual([{ status: 'in_doubt', ledger: 'in_doubt' }]);
      const { rows } = await chaos.sql.query('SELECT sum(reserved_usd)::float AS reserved FROM budget_scopes');
      expect(rows).toEqual([{ reserved: 0 }]);
    } catch (error) {
      throw new Error(`${String(error)}${chaos.logs()}`, { cause: error });
    } finally {
      await chaos.end();
    }
  }, 120_000);
});
