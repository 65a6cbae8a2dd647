import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { ADVISORY_LOCKS } from '../../src/database/advisory-locks.js';
import { newId } from '../../src/database/ids.js';
import { until } from '../support/until.js';
import { OrchestratorFixture, strategy } from './orchestrator-fixture.js';
import { traces } from './traces.js';

let fixture: OrchestratorFixture;
beforeAll(async () => {
  fixture = await OrchestratorFixture.start();
});
afterAll(() => fixture.close());

const path = (id: string): string => `/api/v1/orchestrator/workflows/${id}`;
const erase = (id: string): Promise<Response> => fixture.nyx.request('admin', 'DELETE', path(id));

async function costs(): Promise<unknown> {
  const answer = await fixture.nyx.request('admin', 'GET', '/api/v1/llm/costs?by=day');
  return { ...((await answer.json()) as object), timestamp: undefined };
}

it('an ended workflow is erased with all that belongs to it, and the money stays', async () => {
  const { workflow_id: id } = await fixture.execute(
    'Remember the word tangerine. Then compare tea with coffee.',
    strategy('parallel_execution'),
  );
  await until('its calls are in the totals', async () => {
    return (await fixture.database.query('SELECT 1 FROM llm_usage_queue')).length === 0;
  });
  const before = await costs();

  expect((await erase(id)).status).toBe(204);

  // The ids of the money, and who did it.
  const left = Object.keys(await traces(fixture.database, id));
  const allowed = ['public.audit_log', 'public.budget_scopes', 'public.llm_usage_rollups'];
  expect(left.filter((table) => !allowed.includes(table))).toEqual([]);
  expect(await fixture.database.query('SELECT 1 FROM workflows WHERE id = $1', [id])).toEqual([]);
  expect(
    await fixture.database.query('SELECT 1 FROM durable.workflow_status WHERE workflow_uuid LIKE $1', [`${id}%`]),
  ).toEqual([]);
  expect(await costs()).toEqual(before);

  expect((await erase(id)).status).toBe(404);
  const audit = (await (
    await fixture.nyx.request('admin', 'GET', '/api/v1/auth/audit?action=eraseWorkflow')
  ).json()) as {
    items: { outcome: string; target: string }[];
  };
  expect(audit.items.map(({ outcome, target }) => [outcome, target])).toEqual([
    ['refused', `id=${id}`],
    ['begun', `id=${id}`],
    ['done', `id=${id}`],
    ['begun', `id=${id}`],
  ]);
});

it('waits for the roll-up of its calls that is under way elsewhere, and leaves none of them behind', async () => {
  const elsewhere = new pg.Client({ connectionString: fixture.nyx.config.database.url });
  await elsewhere.connect();
  try {
    await elsewhere.query('SELECT pg_advisory_lock($1)', [ADVISORY_LOCKS.usageCompaction]);
    const { workflow_id: id } = await fixture.execute('Name a fruit.');
    const answers: number[] = [];
    const erased = erase(id).then(({ status }) => answers.push(status));
    await until('its erasure is begun', async () => {
      const { rows } = await elsewhere.query(`SELECT 1 FROM audit_log WHERE target = $1`, [`id=${id}`]);
      return rows.length > 0;
    });
    // Long enough for the first tries; were it done by then, the calls would be left.
    await sleep(200);
    expect(answers).toEqual([]);
    await elsewhere.query('SELECT pg_advisory_unlock_all()');
    await erased;
    expect(answers).toEqual([204]);
    expect(Object.keys(await traces(fixture.database, id))).not.toContain('public.llm_interactions');
  } finally {
    await elsewhere.end();
  }
});

it('what continues it stays, with what it was made with', async () => {
  const { workflow_id: id } = await fixture.execute('Name a colour.');
  const answer = await fixture.send({
    input_type: 'continuation_workflow',
    content: { parent_workflow_id: id, additional_requirements: ['Say more.'] },
  });
  const { workflow_id: child } = (await answer.json()) as { workflow_id: string };
  expect((await erase(id)).status).toBe(204);
  const survivor = await fixture.get<{ status: string; parent_workflow_id: string | null }>(`/workflows/${child}`);
  expect(survivor).toMatchObject({ status: 'completed', parent_workflow_id: null });
  expect((await fixture.tree(child)).status).toBe('completed');
});

it('one that runs is refused and goes on', async () => {
  fixture.model.script({ hold: 'erasure' });
  const id = await fixture.accept('Wait for a moment.');
  expect((await erase(id)).status).toBe(409);
  fixture.model.release('erasure');
  expect((await fixture.ended(id)).status).toBe('completed');
  expect((await erase(id)).status).toBe(204);
});

it('two at once erase it once', async () => {
  const { workflow_id: id } = await fixture.execute('Say hello.');
  const answers = await Promise.all([erase(id), erase(id)]);
  expect(answers.map(({ status }) => status).sort()).toEqual([204, 404]);
});

it('one that is not there is 404, and nobody but an admin may', async () => {
  expect((await erase(newId())).status).toBe(404);
  expect((await fixture.nyx.request('operator', 'DELETE', path(newId()))).status).toBe(403);
});
