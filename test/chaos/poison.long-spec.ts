import { cleanUpProcesses, type NyxProcess } from '../support/process.js';
import { Chaos } from './chaos-fixture.js';

const BYSTANDERS = 4;
const PAUSED = 2;

describe('a workflow that kills its process every time', () => {
  afterAll(cleanUpProcesses);

  it('is given up after five recoveries and takes no other workflow with it, also none that waits', async () => {
    const chaos = await Chaos.begin();
    try {
      chaos.model.script(
        { match: { prompt: 'bystander' }, delayMs: 3_000 },
        { match: { prompt: 'paused' }, hold: 'paused' },
        { match: { prompt: 'poison' }, hang: true },
      );
      let nyx: NyxProcess = await chaos.startNyx();
      const bystanders: string[] = [];
      for (let index = 0; index < BYSTANDERS; index += 1)
        bystanders.push(
          await chaos.accept(nyx, `bystander ${index}`, { execution_preferences: { strategy: 'direct_execution' } }),
        );
      await chaos.model.waitFor(BYSTANDERS);
      const paused: string[] = [];
      for (let index = 0; index < PAUSED; index += 1)
        paused.push(
          await chaos.accept(nyx, `paused ${index}`, { execution_preferences: { strategy: 'direct_execution' } }),
        );
      await chaos.model.waitFor(BYSTANDERS + PAUSED);
      for (const id of paused) await order(chaos, nyx, id, 'pause');
      chaos.model.release('paused');
      const poison = await chaos.accept(nyx, 'poison', { execution_preferences: { strategy: 'direct_execution' } });

      const poisonCalls = (): number => chaos.model.requests.filter(({ prompt }) => prompt.includes('poison')).length;
      let kills = 0;
      while (!(await hasEnded(chaos, poison))) {
        await chaos.model.waitFor(() => poisonCalls() > kills, 20_000).catch(() => undefined);
        if (poisonCalls() === kills) continue;
        kills = poisonCalls();
        await chaos.kill(nyx);
        nyx = await chaos.startNyx();
      }

      expect(kills).toBe(6);
      expect(await chaos.workflow(nyx, poison)).toMatchObject({
        status: 'failed',
        success: false,
        result: { metadata: { error_code: 'GIVEN_UP' } },
      });
      await chaos.expectConsistent(poison);
      await chaos.untilEnded(bystanders);
      for (const id of paused) {
        expect(await chaos.workflow(nyx, id)).toMatchObject({ status: 'in_progress' });
        await order(chaos, nyx, id, 'resume');
      }
      await chaos.untilEnded(paused);
      for (const id of [...bystanders, ...paused]) {
        expect(await chaos.workflow(nyx, id)).toMatchObject({ status: 'completed', success: true });
        await chaos.expectConsistent(id);
      }
    } catch (error) {
      throw new Error(`${String(error)}${chaos.logs()}`, { cause: error });
    } finally {
      await chaos.end();
    }
  }, 300_000);
});

async function hasEnded(chaos: Chaos, id: string): Promise<boolean> {
  const { rows } = await chaos.sql.query('SELECT 1 FROM workflows WHERE id = $1 AND completed_at IS NOT NULL', [id]);
  return rows.length > 0;
}

async function order(chaos: Chaos, nyx: NyxProcess, id: string, what: 'pause' | 'resume'): Promise<void> {
  const answer = await chaos.fetch(nyx, `/api/v1/orchestrator/workflows/${id}/${what}`, { method: 'POST' });
  expect(answer.status).toBe(202);
}
