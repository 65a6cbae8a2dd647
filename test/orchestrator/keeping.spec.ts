import { newId } from '../../src/database/ids.js';
import { PrincipalErasure } from '../../src/orchestrator/keeping/principal-erasure.service.js';
import { Retention } from '../../src/orchestrator/keeping/retention.js';
import { bearer, call, login } from '../http/client.js';
import { until } from '../support/until.js';
import { OrchestratorFixture } from './orchestrator-fixture.js';

const KEY = 'the-key-of-the-deployment-of-this-test';

let fixture: OrchestratorFixture;
beforeAll(async () => {
  fixture = await OrchestratorFixture.start({ deploymentApiKey: { key: KEY, role: 'operator' } });
});
afterAll(() => fixture.close());

interface Erasure {
  completed_at: string | null;
  workflows: number;
}

const count = async (sql: string, ...values: unknown[]): Promise<number> =>
  (await fixture.database.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${sql}`, values))[0]?.n ?? -1;

describe('erasing everything of a user', () => {
  const erase = (id: string): Promise<Response> =>
    fixture.nyx.request('admin', 'POST', `/api/v1/auth/users/${id}/erase`);

  it('ends what runs, erases all of it, and leaves what is of others', async () => {
    const { workflow_id: theirs } = await fixture.execute('Say hello.');
    const own = await fixture.nyx.request('admin', 'POST', '/api/v1/orchestrator/workflows/execute', {
      input_type: 'user_prompt',
      content: { prompt: 'Say hello to the admin.' },
    });
    const { workflow_id: kept } = (await own.json()) as { workflow_id: string };
    await fixture.nyx.request('operator', 'POST', '/api/v1/llm/generate', { user_prompt: 'Say hello.' });
    fixture.model.script({ hold: 'for ever' });
    const asked = fixture.model.requests.length;
    const running = await fixture.accept('Say it slowly.');
    await until('it is at the model', () => fixture.model.requests.length > asked);
    const [row] = await fixture.database.query<{ id: string }>(
      'SELECT principal_id AS id FROM workflows WHERE id = $1',
      [theirs],
    );
    const id = row?.id ?? '';

    const order = await erase(id);
    expect(order.status).toBe(202);
    expect(await order.json()).toMatchObject({ user_id: id, completed_at: null });
    await until(
      'all is erased',
      () => count('erasures WHERE principal_id = $1 AND completed_at IS NOT NULL', id).then((n) => n === 1),
      40_000,
    );

    expect(await count('workflows WHERE principal_id = $1', id)).toBe(0);
    expect(await count('workflows WHERE id = ANY($1)', [theirs, running])).toBe(0);
    expect(await count(`llm_interactions WHERE principal_id = $1 AND prompt_text <> ''`, id)).toBe(0);
    expect(await count('durable.workflow_status WHERE workflow_uuid = ANY($1)', [theirs, running])).toBe(0);
    expect(await count('workflows WHERE id = $1', kept)).toBe(1);
    expect(await count(`llm_interactions WHERE workflow_id = $1 AND prompt_text <> ''`, kept)).toBe(1);
    const [done] = await fixture.database.query<Erasure>('SELECT workflows FROM erasures WHERE principal_id = $1', [
      id,
    ]);
    expect(done?.workflows).toBe(2);
    fixture.model.release('for ever');
  }, 90_000);

  it('is not done before the last call has its answer, which leaves nothing behind', async () => {
    fixture.model.script({ hold: 'the answer' });
    const asked = fixture.model.requests.length;
    const generating = fixture.nyx.request('operator', 'POST', '/api/v1/llm/generate', {
      user_prompt: 'Say it slowly.',
    });
    await until('it is at the model', () => fixture.model.requests.length > asked);
    const [call] = await fixture.database.query<{ id: string; principal: string }>(
      `SELECT id, principal_id AS principal FROM llm_interactions WHERE status = 'sent'`,
    );
    const id = call?.principal ?? '';
    expect((await erase(id)).status).toBe(202);
    const isDone = async (): Promise<boolean> => {
      await fixture.nyx.app.get(PrincipalErasure).work();
      return (await count('erasures WHERE principal_id = $1 AND completed_at IS NOT NULL', id)) === 1;
    };
    expect(await isDone()).toBe(false);
    expect(await isDone()).toBe(false);
    fixture.model.release('the answer');
    expect((await generating).status).toBe(200);
    await until('all is erased', isDone);
    expect(await count('llm_interactions WHERE id = $1', call?.id)).toBe(0);
  });

  const isErased = async (id: string): Promise<boolean> => {
    await fixture.nyx.app.get(PrincipalErasure).work();
    return (await count('erasures WHERE principal_id = $1 AND completed_at IS NOT NULL', id)) === 1;
  };

  it('takes what somebody left who was removed before, and never ran a workflow', async () => {
    const account = { username: 'erika', password: 'a password of her own', role: 'operator' };
    const made = await fixture.nyx.request('admin', 'POST', '/api/v1/auth/users', account);
    const { id } = (await made.json()) as { id: string };
    const { access_token: token } = await login(fixture.nyx.url, account.username, account.password);
    const asked = await call(`${fixture.nyx.url}/api/v1/llm/generate`, {
      headers: bearer(token),
      body: { user_prompt: 'Say hello to Erika.' },
    });
    expect(asked.status).toBe(200);
    expect((await fixture.nyx.request('admin', 'DELETE', `/api/v1/auth/users/${id}`)).status).toBe(204);
    expect((await erase(id)).status).toBe(202);
    await until('all is erased', () => isErased(id));
    expect(await count('llm_interactions WHERE principal_id = $1', id)).toBe(0);
  });

  it('takes what the key of the deployment left', async () => {
    expect((await erase('deployment')).status).toBe(404);
    const headers = { 'x-api-key': KEY };
    const asked = await call(`${fixture.nyx.url}/api/v1/llm/generate`, {
      headers,
      body: { user_prompt: 'Say hello.' },
    });
    expect(asked.status).toBe(200);
    expect((await erase('deployment')).status).toBe(202);
    await until('all is erased', () => isErased('deployment'));
    expect(await count(`llm_interactions WHERE principal_id = 'deployment'`)).toBe(0);
  });

  it.each([
    [404, newId()],
    [400, 'deployed'],
  ])('is %i where nobody is known by the id, or can be', async (status, id) => {
    expect((await erase(id)).status).toBe(status);
  });
});

describe('retention', () => {
  const put = async (days: number): Promise<void> => {
    const answer = await fixture.nyx.request('admin', 'PUT', '/api/v1/system/config/max_thought_tree_age_days', {
      config_value: days,
    });
    expect(answer.status).toBe(200);
  };
  const age = (id: string): Promise<unknown> =>
    fixture.database.query(
      `UPDATE workflows SET created_at = now() - interval '40 days', completed_at = completed_at - interval '40 days' WHERE id = $1`,
      [id],
    );
  const eraseOld = (): Promise<boolean> => fixture.nyx.app.get(Retention).eraseOld(Infinity);

  const kept = (ids: string[]): Promise<number> => count('workflows WHERE id = ANY($1)', ids);

  /** What the statistics say of each table, and what a count of its rows says. */
  const counted = (): Promise<unknown[]> =>
    fixture.database.query(
      `WITH noted AS (
         SELECT kind, status, count FROM status_counts
         UNION ALL SELECT kind, to_status, 1 FROM status_changes WHERE to_status IS NOT NULL
         UNION ALL SELECT kind, from_status, -1 FROM status_changes WHERE from_status IS NOT NULL
       ), there AS (
         SELECT 'workflow' AS kind, status FROM workflows UNION ALL SELECT 'agent', status FROM agents
         UNION ALL SELECT 'tool_execution', status FROM tool_executions
       )
       SELECT * FROM (SELECT kind, status, sum(count)::int AS n FROM noted WHERE kind <> 'motivational_task' GROUP BY 1, 2 HAVING sum(count) <> 0) a
         FULL JOIN (SELECT kind, status, count(*)::int AS n FROM there GROUP BY 1, 2) b USING (kind, status, n)
        WHERE a.n IS NULL OR b.n IS NULL`,
    );

  it('erases ended workflows that are older than the setting says, and none with 0', async () => {
    const { workflow_id: old } = await fixture.execute('An old one.');
    const { workflow_id: young } = await fixture.execute('A young one.');
    await age(old);
    const asked = fixture.model.requests.length;
    fixture.model.script({ hold: 'long' });
    const running = await fixture.accept('One that runs for long.');
    await until('it is at the model', () => fixture.model.requests.length > asked);
    await age(running);
    await put(0);
    expect(await eraseOld()).toBe(true);
    expect(await kept([old])).toBe(1);
    await put(30);
    await until('the old one is erased', async () => {
      await eraseOld();
      return (await kept([old])) === 0;
    });
    expect(await kept([young, running])).toBe(2);
    expect(await count('event_streams WHERE workflow_id = $1', old)).toBe(0);
    expect(await count('durable.workflow_status WHERE workflow_uuid = $1', old)).toBe(0);
    expect(await count('durable.workflow_status WHERE workflow_uuid = $1', running)).toBe(1);
    expect(await counted()).toEqual([]);
    fixture.model.release('long');
    expect((await fixture.ended(running)).status).toBe('completed');
  });

  it('leaves an old one while something that continues it runs', async () => {
    const { workflow_id: old } = await fixture.execute('Name a colour.');
    const asked = fixture.model.requests.length;
    fixture.model.script({ hold: 'continued' });
    const answer = await fixture.send(
      {
        input_type: 'continuation_workflow',
        content: { parent_workflow_id: old, additional_requirements: ['Say more.'] },
      },
      { prefer: 'respond-async' },
    );
    const { workflow_id: child } = (await answer.json()) as { workflow_id: string };
    await until('it is at the model', () => fixture.model.requests.length > asked);
    await age(old);
    await put(30);
    expect(await eraseOld()).toBe(true);
    expect(await kept([old, child])).toBe(2);
    fixture.model.release('continued');
    await fixture.ended(child);
    await until('it is erased afterwards', async () => {
      await eraseOld();
      return (await kept([old])) === 0;
    });
    expect(await kept([child])).toBe(1);
  });

  it('takes what was to be delivered of it along', async () => {
    const { workflow_id: old } = await fixture.execute('An event of it is to be delivered.');
    const hook = newId();
    await fixture.database.query(
      `INSERT INTO webhooks (id, url, secret, event_types, is_enabled, created_by) VALUES ($1, 'https://example.com', 's', '{workflow.completed}', false, 'x')`,
      [hook],
    );
    await fixture.database.query(
      `INSERT INTO webhook_deliveries (id, webhook_id, workflow_id, seq, event_type, retry_until)
       SELECT gen_random_uuid(), $1, workflow_id, seq, type, now() + interval '1 day' FROM workflow_events WHERE workflow_id = $2`,
      [hook, old],
    );
    expect(await count('webhook_deliveries WHERE workflow_id = $1', old)).toBeGreaterThan(3);
    await age(old);
    await put(30);
    await until('it is erased', async () => {
      await eraseOld();
      return (await kept([old])) === 0;
    });
    expect(await count('webhook_deliveries WHERE workflow_id = $1', old)).toBe(0);
    expect(await counted()).toEqual([]);
  });
});
