import type { NyxProcess } from '../support/process.js';
import { until } from '../support/until.js';
import type { Chaos } from './chaos-fixture.js';

/** What a release of before answers besides its lists, once a later one has migrated the schema. */
const READ = ['orchestrator/workflows', 'auth/audit', 'system/stats', 'tools/available', 'llm/costs?by=model'];

/** That it reads on, and ends a workflow. */
export async function expectServes(chaos: Chaos, nyx: NyxProcess, alsoRead: readonly string[] = []): Promise<void> {
  for (const path of [...READ, ...alsoRead])
    expect([path, (await chaos.fetch(nyx, `/api/v1/${path}`)).status]).toEqual([path, 200]);
  const asked = await chaos.fetch(nyx, '/api/v1/orchestrator/workflows/execute', {
    method: 'POST',
    body: JSON.stringify({ input_type: 'user_prompt', content: { prompt: 'Say a word.' } }),
  });
  expect([asked.status, await asked.json()]).toEqual([200, expect.objectContaining({ success: true })]);
}

export async function expectCompleted(chaos: Chaos, nyx: NyxProcess, ids: readonly string[]): Promise<void> {
  await chaos.untilEnded(ids, 180_000);
  for (const id of ids) {
    expect(await chaos.workflow(nyx, id)).toMatchObject({ status: 'completed', success: true });
    await chaos.expectConsistent(id);
  }
}

export interface Upgrade {
  /** Of the release before: one that leaves by SIGTERM, and one that is killed. */
  readonly leaving: NyxProcess;
  readonly killed: NyxProcess;
  /** Of this release. */
  readonly staying: NyxProcess;
  /** Workflows in the middle of their work on the first two, held by the rule `in hand` of the model server. */
  readonly begun: readonly string[];
}

/** Ends the two of before, and holds that the third ends all they had begun and is alone in the end. */
export async function expectTakenOver(chaos: Chaos, { leaving, killed, staying, begun }: Upgrade): Promise<void> {
  leaving.kill('SIGTERM');
  await chaos.kill(killed);
  // What is released before would end where it is.
  await until('it begins nothing any more', async () => {
    return (await chaos.sql.query(`SELECT 1 FROM executors WHERE status = 'draining'`)).rowCount === 1;
  });
  chaos.model.release('in hand');
  expect(await leaving.exited).toMatchObject({ code: 0 });
  await expectCompleted(chaos, staying, begun);
  await until('only the new one is left', async () => (await chaos.replicas(staying)).length === 1);
  const [stayingReplica] = await chaos.replicas(staying);
  const held = [{ status: 'SUCCESS', executor: stayingReplica?.id }];
  await until('it has ended every function', async () => {
    const { rows } = await chaos.sql.query(
      'SELECT DISTINCT status, executor_id AS executor FROM durable.workflow_status WHERE workflow_uuid = ANY($1)',
      [begun],
    );
    return JSON.stringify(rows) === JSON.stringify(held);
  });
}
