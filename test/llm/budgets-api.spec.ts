import { Database } from '../../src/database/database.service.js';
import { ExecutorIdentity } from '../../src/database/executor-identity.js';
import { newId } from '../../src/database/ids.js';
import { CallReservations } from '../../src/llm/call-reservations.js';
import type { Role } from '../../src/config/app-config.js';
import { RuntimeSettings } from '../../src/settings/runtime-settings.js';
import { startApp, type TestApp } from '../support/app.js';
import { startModelServer, type ModelServer } from '../support/model-server.js';

const BUDGETS = '/api/v1/llm/budgets';
const RESERVATIONS = '/api/v1/llm/reservations';

type Json = Record<string, unknown>;

let app: TestApp;
let server: ModelServer;
let database: Database;

beforeAll(async () => {
  server = await startModelServer();
  app = await startApp({ llm: { apiKey: 'test-key', baseUrl: server.url } });
  database = app.app.get(Database, { strict: false });
});
afterAll(async () => {
  await app.close();
  await server.close();
});
beforeEach(async () => {
  server.reset();
  // The queue first, as the sweep locks them.
  await database.query(
    'TRUNCATE llm_usage_queue, llm_interactions, budget_ledger, budget_scopes, system_config CASCADE',
  );
  await app.app.get(RuntimeSettings, { strict: false }).refresh();
});

const call = async (role: Role, method: string, path: string, body?: unknown) => {
  const response = await app.request(role, method, path, body);
  return { status: response.status, body: (await response.json()) as Json };
};
const generate = (more: Json = {}, role: Role = 'operator') =>
  call(role, 'POST', '/api/v1/llm/generate', { user_prompt: 'Hi', max_tokens: 1000, ...more });
const budgets = async (query = ''): Promise<Json[]> =>
  (await call('viewer', 'GET', `${BUDGETS}?${query}`)).body.items as Json[];
const budgetOf = async (kind: string): Promise<Json> => {
  const [budget] = await budgets(`kind=${kind}`);
  if (budget === undefined) throw new Error(`no budget ${kind}`);
  return budget;
};
const configure = (key: string, value: unknown) =>
  database.query(
    `INSERT INTO system_config (id, config_key, config_value, config_type) VALUES ($1, $2, $3::jsonb, 'limit')`,
    [newId(), key, JSON.stringify(value)],
  );
const ownId = async (role: Role): Promise<unknown> => (await call(role, 'GET', '/api/v1/auth/me')).body.id;

describe('GET /llm/budgets', () => {
  it('shows what every call counted in, with the limits that hold now', async () => {
    await generate({ session_id: 'evening' });
    const spent = server.totalChargedUsd().toNumber();
    expect(spent).toBeGreaterThan(0);
    const principal = await ownId('operator');
    const [{ at } = { at: new Date(NaN) }] = await database.query<{ at: Date }>(
      'SELECT request_timestamp AS at FROM llm_interactions',
    );
    const day = at.toISOString().slice(0, 10);
    const expected = [
      { kind: 'session', key: `${String(principal)}:evening`, period: null, limit_usd: null },
      { kind: 'principal_day', key: principal, period: day, limit_usd: null },
      { kind: 'system_day', key: '', period: day, limit_usd: 50 },
      { kind: 'system_month', key: '', period: day.slice(0, 7), limit_usd: null },
    ];
    const shown = await budgets();
    for (const scope of expected) {
      expect(shown).toContainEqual(
        expect.objectContaining({ ...scope, spent_usd: spent, reserved_usd: 0, in_doubt_usd: 0, own_limit_usd: null }),
      );
    }
    expect(shown).toHaveLength(expected.length);
    await configure('budget_system_month_usd', 100);
    expect(await budgetOf('system_month')).toMatchObject({ limit_usd: 100, remaining_usd: 100 - spent });
  });

  it('shows a day that is over with the limit it ended with', async () => {
    await database.query(
      `INSERT INTO budget_scopes (id, kind, key, limit_usd, spent_usd) VALUES ($1, 'system_day', '2026-01-31', 7, 3)`,
      [newId()],
    );
    expect(await budgetOf('system_day')).toMatchObject({ period: '2026-01-31', limit_usd: 7, remaining_usd: 4 });
  });

  it('goes through all of them, newest first, a page at a time', async () => {
    for (const name of ['one', 'two', 'three']) await generate({ session_id: name });
    const seen: string[] = [];
    let cursor = '';
    do {
      const { body } = await call('viewer', 'GET', `${BUDGETS}?limit=2&kind=session${cursor}`);
      seen.push(...(body.items as Json[]).map(({ key }) => String(key).split(':')[1] ?? ''));
      cursor = typeof body.next_cursor === 'string' ? `&cursor=${body.next_cursor}` : '';
    } while (cursor !== '');
    expect(seen).toEqual(['three', 'two', 'one']);
  });

  it('refuses what it does not know', async () => {
    for (const query of ['kind=hour', 'cursor=x', 'limit=0', 'other=1']) {
      expect([query, (await call('viewer', 'GET', `${BUDGETS}?${query}`)).status]).toEqual([query, 400]);
    }
  });
});

describe('PATCH /llm/budgets/{id}', () => {
  const patch = async (kind: string, limitUsd: unknown) =>
    call('admin', 'PATCH', `${BUDGETS}/${String((await budgetOf(kind)).id)}`, { limit_usd: limitUsd });

  it('lowers and raises a limit at once, and gives the configured one back', async () => {
    await generate();
    const spent = server.totalChargedUsd().toNumber();
    expect(await patch('system_day', spent)).toMatchObject({
      status: 200,
      body: { limit_usd: spent, own_limit_usd: spent, spent_usd: spent, remaining_usd: 0 },
    });
    expect(await generate()).toMatchObject({ status: 402, body: { scope: 'system_day', remaining_usd: 0 } });
    await patch('system_day', 1);
    expect((await generate()).status).toBe(200);
    expect((await patch('system_day', null)).body).toMatchObject({ limit_usd: 50, own_limit_usd: null });
  });

  it('lets it warn again', async () => {
    await generate();
    await database.query(`UPDATE budget_scopes SET warned_at = now()`);
    expect((await patch('principal_day', 3)).body.warned_at).toBeNull();
  });

  it.each([0, -1, 1e-11, 0.12345678901, 1.5e-10, 1e10, '5', undefined])(
    'refuses %p, and changes nothing',
    async (limitUsd) => {
      await generate();
      const { status, body } = await patch('system_day', limitUsd);
      expect([status, body.error_code]).toEqual([400, 'VALIDATION_ERROR']);
      expect(new Set((body.errors as { field: string }[]).map(({ field }) => field))).toEqual(new Set(['limit_usd']));
      expect(await budgetOf('system_day')).toMatchObject({ own_limit_usd: null, limit_usd: 50 });
    },
  );

  it('is for admins, and for budgets that exist', async () => {
    await generate();
    const { id } = await budgetOf('system_day');
    expect((await call('operator', 'PATCH', `${BUDGETS}/${String(id)}`, { limit_usd: 1 })).status).toBe(403);
    expect((await call('admin', 'PATCH', `${BUDGETS}/${newId()}`, { limit_usd: 1 })).status).toBe(404);
  });
});

describe('a call that a budget does not hold', () => {
  it.each([
    ['session', { session_id: 'evening' }, (id: string) => ({ scope_key: `${id}:evening`, scope_period: null })],
    ['principal_day', {}, (id: string) => ({ scope_key: id, scope_period: new Date().toISOString().slice(0, 10) })],
    ['system_month', {}, () => ({ scope_key: '', scope_period: new Date().toISOString().slice(0, 7) })],
  ])('is a 402 that names %s and what is left', async (kind, more, place) => {
    await configure(`budget_${kind}_usd`, 0.0001);
    const { status, body } = await generate(more);
    expect(status).toBe(402);
    expect(body).toMatchObject({ error_code: 'BUDGET_EXCEEDED', scope: kind, limit_usd: 0.0001 });
    expect(body).toMatchObject({ ...place(String(await ownId('operator'))), remaining_usd: 0.0001 });
    expect(server.requests.filter(({ path }) => path === '/v1/messages')).toEqual([]);
  });

  it('of one principal or session leaves the others theirs', async () => {
    await configure('budget_principal_day_usd', 0.0006);
    await configure('budget_session_usd', 0.0006);
    server.script({ answer: 'word '.repeat(300), times: 1 });
    await generate({ session_id: 'evening' });
    await database.query(`UPDATE budget_scopes SET spent_usd = 0.0006 WHERE kind IN ('principal_day', 'session')`);
    const refused = await generate({ session_id: 'evening' });
    expect(refused).toMatchObject({ status: 402, body: { scope: 'session' } });
    expect(await generate({ session_id: 'morning' })).toMatchObject({ status: 402, body: { scope: 'principal_day' } });
    expect((await generate({ session_id: 'evening' }, 'admin')).status).toBe(200);
  });
});

it('a call while model calls are switched off is a 503 and is not sent', async () => {
  await configure('llm_enabled', false);
  expect(await generate()).toMatchObject({ status: 503, body: { error_code: 'LLM_UNAVAILABLE' } });
  expect(server.requests).toEqual([]);
});

describe('reservations', () => {
  /** A call of the operator that is on its way, and whose process is then gone for the others. */
  const leaveInDoubt = async (): Promise<{ id: string; answered: Promise<{ status: number; body: Json }> }> => {
    server.script({ answer: 'Late.', hold: 'late' });
    const answered = generate({ session_id: 'evening' });
    await server.waitFor(1);
    const [open] = (await call('viewer', 'GET', `${RESERVATIONS}?status=reserved`)).body.items as Json[];
    await app.app.get(CallReservations, { strict: false }).recover(app.app.get(ExecutorIdentity, { strict: false }).id);
    return { id: String(open?.interaction_id), answered };
  };
  const release = (id: string, role: Role = 'admin') => call(role, 'POST', `${RESERVATIONS}/${id}/release`, {});
  const inDoubt = async (): Promise<Json[]> => (await call('viewer', 'GET', RESERVATIONS)).body.items as Json[];
  const sums = async (): Promise<Json[]> =>
    (await budgets()).map(({ spent_usd, reserved_usd, in_doubt_usd }) => ({ spent_usd, reserved_usd, in_doubt_usd }));

  it('in doubt are shown, released by an admin, and booked should the answer come after all', async () => {
    const { id, answered } = await leaveInDoubt();
    const [shown] = await inDoubt();
    expect(shown).toMatchObject({ interaction_id: id, status: 'in_doubt', purpose: 'generate', workflow_id: null });
    expect((shown?.scopes as Json[]).map(({ kind }) => kind)).toEqual([
      'session',
      'principal_day',
      'system_day',
      'system_month',
    ]);
    const amount = shown?.amount_usd;
    expect(amount).toBeGreaterThan(0);
    expect(await sums()).toEqual(Array(4).fill({ spent_usd: 0, reserved_usd: 0, in_doubt_usd: amount }));

    const admin = await ownId('admin');
    const { status, body } = await release(id);
    expect(status).toBe(200);
    expect(body).toMatchObject({ interaction_id: id, status: 'released', amount_usd: amount, released_by: admin });
    expect(await sums()).toEqual(Array(4).fill({ spent_usd: 0, reserved_usd: 0, in_doubt_usd: 0 }));
    expect(await inDoubt()).toEqual([]);
    const interaction = `/api/v1/llm/interactions/${id}`;
    expect((await call('viewer', 'GET', interaction)).body).toMatchObject({
      status: 'failed',
      success: false,
      error_code: 'RELEASED',
      cost_usd: 0,
    });

    server.release('late');
    expect((await answered).body).toMatchObject({ content: 'Late.', success: true });
    const spent = server.totalChargedUsd().toNumber();
    expect(await sums()).toEqual(Array(4).fill({ spent_usd: spent, reserved_usd: 0, in_doubt_usd: 0 }));
    expect((await call('viewer', 'GET', interaction)).body).toMatchObject({
      status: 'succeeded',
      error_code: null,
      error_message: null,
      cost_usd: spent,
    });
    const kept = await database.query('SELECT status, released_by, released_at FROM budget_ledger');
    expect(kept).toEqual([{ status: 'settled', released_by: admin, released_at: new Date(String(body.released_at)) }]);
  });

  it('are released once by two who do it at once', async () => {
    const { id, answered } = await leaveInDoubt();
    const both = await Promise.all([release(id), release(id)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(both.find(({ status }) => status === 409)?.body.error_code).toBe('CONFLICT');
    expect((await sums())[0]).toEqual({ spent_usd: 0, reserved_usd: 0, in_doubt_usd: 0 });
    server.release('late');
    await answered;
  });

  it('are not released when they are settled meanwhile, on their way, or not there', async () => {
    const { id, answered } = await leaveInDoubt();
    server.release('late');
    await answered;
    const before = await sums();
    expect((await release(id)).status).toBe(409);
    expect(await sums()).toEqual(before);
    server.reset();
    server.script({ answer: 'On its way.', hold: 'way' });
    const onItsWay = generate();
    await server.waitFor(1);
    const [open] = (await call('viewer', 'GET', `${RESERVATIONS}?status=reserved`)).body.items as Json[];
    expect((await release(String(open?.interaction_id))).status).toBe(409);
    server.release('way');
    expect((await onItsWay).status).toBe(200);
    expect((await release(newId())).status).toBe(404);
    expect((await release('7')).status).toBe(400);
  });

  it('are released by admins only, and listed by status', async () => {
    expect((await release(newId(), 'operator')).status).toBe(403);
    for (const query of ['status=settled', 'status=', 'cursor=x', 'other=1']) {
      expect([query, (await call('viewer', 'GET', `${RESERVATIONS}?${query}`)).status]).toEqual([query, 400]);
    }
  });

  it('are listed a page at a time', async () => {
    for (let at = 0; at < 3; at += 1) {
      await database.query(
        `INSERT INTO budget_ledger (id, interaction_id, scope_ids, executor_id, status, reserved_usd) VALUES ($1, $2, '{}', 'gone', 'in_doubt', $3)`,
        [newId(), newId(), at],
      );
    }
    const { body } = await call('viewer', 'GET', `${RESERVATIONS}?limit=2`);
    expect((body.items as Json[]).map(({ amount_usd }) => amount_usd)).toEqual([2, 1]);
    const { body: rest } = await call('viewer', 'GET', `${RESERVATIONS}?limit=2&cursor=${String(body.next_cursor)}`);
    expect(rest).toMatchObject({ items: [{ amount_usd: 0, model: null, scopes: [] }], next_cursor: null });
  });
});
