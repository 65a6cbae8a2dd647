import type { Role } from '../../src/auth/roles.js';
import { Database } from '../../src/database/database.service.js';
import { type Answer, bearer, call, expectProblem } from '../http/client.js';
import { startApp, type TestApp } from '../support/app.js';

let nyx: TestApp;
beforeAll(async () => {
  nyx = await startApp();
});
afterAll(() => nyx.close());

interface State {
  motivation_type: string;
  urgency: number;
  satisfaction: number;
  is_active: boolean;
  is_registered: boolean;
  last_triggered: string | null;
  decay_rate: number;
  boost_factor: number;
  max_urgency: number;
  min_satisfaction: number;
  base_decay_rate: number;
  base_boost_factor: number;
  category: string | null;
  cooldown_seconds: number | null;
  recent_boosts: { by: string; boost_amount: number; reason: string | null; metadata: object }[];
}

const STATES = '/api/v1/motivational/states';
const database = (): Database => nyx.app.get(Database);

async function ask<Body = State>(
  role: Role,
  method: string,
  path: string,
  body?: unknown,
  headers = {},
): Promise<Answer<Body>> {
  return call<Body>(`${nyx.url}${STATES}${path}`, {
    method,
    body,
    headers: { ...bearer(await nyx.token(role)), ...headers },
  });
}
const state = async (type: string): Promise<State> => (await ask('viewer', 'GET', `/${type}`)).body;
const tune = (type: string, body: unknown, role: Role = 'admin') => ask(role, 'PATCH', `/${type}`, body);
const boost = (type: string, body?: unknown, query = '', headers = {}) =>
  ask<{ message: string; urgency: number; reason: string | null; timestamp: string }>(
    'operator',
    'POST',
    `/${type}/boost${query}`,
    body,
    headers,
  );

/** As a new one is, with room above. */
beforeEach(async () => {
  await database().query(
    `UPDATE motivational_states SET urgency = 0, satisfaction = 0.5, decay_rate = 0.02, boost_factor = 1, max_urgency = 1,
            min_satisfaction = 0, base_decay_rate = 0.02, base_boost_factor = 1, is_active = true, metadata = '{}',
            last_triggered_at = NULL`,
  );
});

describe('one state', () => {
  it('has what the list has of it, and what people need to tune it', async () => {
    const list = await ask<{ states: State[] }>('viewer', 'GET', '');
    const listed = list.body.states.find(({ motivation_type: type }) => type === 'maximize_coverage');
    const one = await state('maximize_coverage');
    expect(one).toMatchObject({ ...listed });
    expect(one).toMatchObject({
      category: 'exploratory',
      cooldown_seconds: 3600,
      min_satisfaction: 0,
      base_decay_rate: 0.02,
      base_boost_factor: 1,
      recent_boosts: [],
    });
  });

  it.each(['no_such_motivation', 'MAXIMIZE_COVERAGE', "'--", 'x'.repeat(3000), '%F0%9F%92%A9'])(
    'of %s does not exist, for whoever reads, tunes or boosts it',
    async (type) => {
      expectProblem(await ask('viewer', 'GET', `/${type}`), 404, 'NOT_FOUND');
      expectProblem(await tune(type, { is_active: true }), 404, 'NOT_FOUND');
      expectProblem(await boost(type, { boost_amount: 0.1 }), 404, 'NOT_FOUND');
    },
  );

  it('that no code defines any more is shown as what it is, and cannot be changed', async () => {
    const before = (await ask<{ total_active_states: number }>('viewer', 'GET', '')).body.total_active_states;
    await database().query(
      `INSERT INTO motivational_states (id, motivation_type, decay_rate, boost_factor, base_decay_rate, base_boost_factor)
       VALUES (gen_random_uuid(), 'of_a_file_that_is_gone', 0.02, 1, 0.02, 1)`,
    );
    const { body } = await ask<{ total_active_states: number; states: State[] }>('viewer', 'GET', '');
    expect(body.total_active_states).toBe(before);
    expect(body.states).toContainEqual(
      expect.objectContaining({ motivation_type: 'of_a_file_that_is_gone', is_active: false, is_registered: false }),
    );
    expect(await state('of_a_file_that_is_gone')).toMatchObject({ category: null, cooldown_seconds: null });
    expectProblem(await tune('of_a_file_that_is_gone', { is_active: true }), 409, 'CONFLICT');
    expectProblem(await boost('of_a_file_that_is_gone', { boost_amount: 0.1 }), 409, 'CONFLICT');
    await database().query(`DELETE FROM motivational_states WHERE motivation_type = 'of_a_file_that_is_gone'`);
  });
});

describe('tuning', () => {
  it('sets what is given, rates with what they relax to, and nothing else', async () => {
    const before = await state('idle_exploration');
    const tuned = await tune('idle_exploration', { decay_rate: 0.3, boost_factor: 5, is_active: false });
    expect(tuned.status).toBe(200);
    const changed = { decay_rate: 0.3, base_decay_rate: 0.3, boost_factor: 5, base_boost_factor: 5, is_active: false };
    const updated_at = expect.any(String) as unknown;
    expect(tuned.body).toEqual({ ...before, ...changed, arbitration_score: 0, updated_at });
    expect(await state('idle_exploration')).toEqual(tuned.body);
  });

  it('moves levels to bounds that were moved past them', async () => {
    await tune('idle_exploration', { urgency: 0.8, satisfaction: 0.2 });
    const { body } = await tune('idle_exploration', { max_urgency: 0.6, min_satisfaction: 0.4 });
    expect(body).toMatchObject({ urgency: 0.6, satisfaction: 0.4, max_urgency: 0.6, min_satisfaction: 0.4 });
    const both = await tune('idle_exploration', { max_urgency: 1, urgency: 0.9 });
    expect(both.body).toMatchObject({ urgency: 0.9, max_urgency: 1, satisfaction: 0.4 });
  });

  it.each([
    [{}, 'body'],
    [{ decay_rate: -0.01 }, 'decay_rate'],
    [{ decay_rate: 1.01 }, 'decay_rate'],
    [{ boost_factor: 5.01 }, 'boost_factor'],
    [{ boost_factor: '1' }, 'boost_factor'],
    [{ max_urgency: 1.1 }, 'max_urgency'],
    [{ max_urgency: null }, 'max_urgency'],
    [{ min_satisfaction: -1 }, 'min_satisfaction'],
    [{ is_active: 'true' }, 'is_active'],
    [{ urgency: 2 }, 'urgency'],
    [{ max_urgency: 0.5, urgency: 0.6 }, 'urgency'],
    [{ min_satisfaction: 0.5, satisfaction: 0.4 }, 'satisfaction'],
    [{ is_active: false, total_attempts: 0 }, 'total_attempts'],
    [{ motivation_type: 'mine' }, 'motivation_type'],
  ])('%j changes nothing and names %s', async (body, field) => {
    const before = await state('idle_exploration');
    const problem = expectProblem(await tune('idle_exploration', body), 400, 'VALIDATION_ERROR');
    expect(problem.errors?.map((error) => error.field)).toContain(field);
    expect(await state('idle_exploration')).toEqual(before);
  });

  it('is for admins', async () => {
    expectProblem(await tune('idle_exploration', { is_active: false }, 'operator'), 403, 'FORBIDDEN');
    expect(await state('idle_exploration')).toMatchObject({ is_active: true });
  });
});

describe('a boost by hand', () => {
  it('is immediate and whole, begins no cooldown, and says who gave it and why', async () => {
    await tune('refine_low_confidence', { boost_factor: 1.5 });
    const { status, body } = await boost('refine_low_confidence', {
      boost_amount: 0.2,
      reason: 'A release is near.',
      metadata: { ticket: 'OPS-7', constructor: 'x' },
    });
    expect(status).toBe(200);
    expect(body).toEqual({
      message: 'refine_low_confidence was boosted by 0.2 × 1.5; its urgency is 0.3, at most 1.',
      motivation_type: 'refine_low_confidence',
      boost_amount: 0.2,
      reason: 'A release is near.',
      urgency: 0.3,
      timestamp: expect.stringMatching(/Z$/) as unknown,
    });
    const after = await state('refine_low_confidence');
    expect(after).toMatchObject({ urgency: 0.3, last_triggered: null });
    const [{ id } = { id: '' }] = await database().query<{ id: string }>(
      `SELECT id::text FROM users WHERE username = 'operator'`,
    );
    expect(after.recent_boosts).toMatchObject([
      { by: id, boost_amount: 0.2, reason: 'A release is near.', metadata: { ticket: 'OPS-7', constructor: 'x' } },
    ]);
  });

  it('may be given in the query, and then the body is its metadata', async () => {
    expect((await boost('refine_low_confidence', undefined, '?boost_amount=0.25')).body).toMatchObject({
      urgency: 0.25,
    });
    const second = await boost('refine_low_confidence', { why: 'test', reason: 7 }, '?boost_amount=0.5');
    expect(second.body).toMatchObject({ urgency: 0.75, reason: null });
    const { recent_boosts: boosts } = await state('refine_low_confidence');
    expect(boosts.map(({ metadata }) => metadata)).toEqual([{ why: 'test', reason: 7 }, {}]);
  });

  it('never passes the most urgency', async () => {
    await tune('refine_low_confidence', { max_urgency: 0.4 });
    expect((await boost('refine_low_confidence', { boost_amount: 1 })).body).toMatchObject({ urgency: 0.4 });
  });

  it.each([
    [undefined, ''],
    [{}, ''],
    [{ boost_amount: 0 }, ''],
    [{ boost_amount: -0.1 }, ''],
    [{ boost_amount: 1.0001 }, ''],
    [{ boost_amount: '0.2' }, ''],
    [{ boost_amount: null }, ''],
    [{ boost_amount: [0.2] }, ''],
    ['{"boost_amount":1e999}', ''],
    ['{"boost_amount":NaN}', ''],
    [{ boost_amount: 0.2, force: true }, ''],
    [{ boost_amount: 0.2, reason: '' }, ''],
    [{ boost_amount: 0.2, reason: 'x'.repeat(501) }, ''],
    [{ boost_amount: 0.2, reason: 'a\0b' }, ''],
    [{ boost_amount: 0.2, metadata: { a: 'a\0b' } }, ''],
    [{ boost_amount: 0.2, metadata: 'text' }, ''],
    [{ boost_amount: 0.2, metadata: { a: 'x'.repeat(4096) } }, ''],
    [{ a: 'x'.repeat(4096) }, '?boost_amount=0.2'],
    [{ boost_amount: 0.2 }, '?boost_amount=0.2'],
    ...['', '0', '-1', '1.01', 'NaN', 'Infinity', '0x1', '1e-1', 'half', '0.2&boost_amount=0.3', '0.2&reason=x'].map(
      (text) => [undefined, `?boost_amount=${text}`] as const,
    ),
  ] as [unknown, string][])('%j with %s is refused and changes nothing', async (body, query) => {
    const before = await state('refine_low_confidence');
    const answer = await boost('refine_low_confidence', body, query);
    expect(answer.status).toBe(400);
    expect(await state('refine_low_confidence')).toEqual(before);
  });

  it('of a motivation that is not active is refused: nothing would come of it', async () => {
    await tune('refine_low_confidence', { is_active: false });
    expectProblem(await boost('refine_low_confidence', { boost_amount: 0.2 }), 409, 'CONFLICT');
    expect(await state('refine_low_confidence')).toMatchObject({ urgency: 0, recent_boosts: [] });
  });

  it('counts, each of twenty at once, and the last ten are kept', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        boost('refine_low_confidence', { boost_amount: 0.03, reason: `Number ${index}.` }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    const after = await state('refine_low_confidence');
    expect(after.urgency).toBeCloseTo(0.6, 9);
    expect(new Set(answers.map(({ body }) => body.urgency)).size).toBe(20);
    expect(after.recent_boosts).toHaveLength(10);
  });

  it('with one Idempotency-Key counts once, however often it is sent', async () => {
    const headers = { 'idempotency-key': 'boost-once' };
    const body = { boost_amount: 0.1 };
    const answers = await Promise.all([1, 2, 3].map(() => boost('refine_low_confidence', body, '', headers)));
    expect(answers.map(({ body: { urgency } }) => urgency)).toEqual([0.1, 0.1, 0.1]);
    expect(await state('refine_low_confidence')).toMatchObject({ urgency: 0.1 });
  });

  it('is for operators, who are not told apart from admins', async () => {
    expectProblem(await ask('viewer', 'POST', '/refine_low_confidence/boost', { boost_amount: 0.1 }), 403, 'FORBIDDEN');
    expect((await ask('admin', 'POST', '/refine_low_confidence/boost', { boost_amount: 0.1 })).status).toBe(200);
  });
});
