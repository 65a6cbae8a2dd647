import { DECISIONS, ENGINE, EngineFixture } from './engine-fixture.js';
import { until } from '../support/until.js';

const DEFAULTS = {
  evaluation_interval: 30,
  max_concurrent_tasks: 3,
  min_arbitration_threshold: 0.3,
  safety_enabled: true,
  test_mode: false,
};

let fixture: EngineFixture;

beforeAll(async () => {
  fixture = await EngineFixture.start();
});
afterAll(() => fixture.close());
beforeEach(() => fixture.forget());

const isTime = expect.stringMatching(/^\d{4}-\d{2}-\d{2}T.*Z$/) as unknown;

describe('before the first start', () => {
  it('the status has the defaults and no null where a number or flag belongs', async () => {
    expect(await fixture.status()).toEqual({
      status: 'not_initialized',
      running: false,
      ...DEFAULTS,
      started_at: null,
      stopped_at: null,
      last_evaluation_at: null,
      next_evaluation_at: null,
      evaluations: 0,
      leader: null,
      errors_in_row: 0,
      last_error: null,
      last_error_at: null,
      timestamp: isTime,
    });
  });

  it('there is nothing to stop or configure', async () => {
    expect(await fixture.refused('operator', 'POST', `${ENGINE}/stop`)).toMatchObject({
      status: 400,
      error_code: 'ENGINE_NOT_INITIALIZED',
    });
    const body = { max_concurrent_tasks: 5 };
    expect(await fixture.refused('admin', 'PUT', `${ENGINE}/config`, body)).toMatchObject({
      status: 400,
      error_code: 'ENGINE_NOT_RUNNING',
    });
    expect((await fixture.status()).status).toBe('not_initialized');
  });
});

describe('starting', () => {
  it('answers the configuration, and evaluates at once', async () => {
    const started = await fixture.post('/start', undefined, 'operator');
    expect(started).toEqual({
      message: expect.any(String) as unknown,
      status: 'running',
      config: DEFAULTS,
      timestamp: isTime,
    });
    await until('the first evaluation', async () => (await fixture.status()).evaluations === 1);
    const status = await fixture.status();
    expect(status).toMatchObject({ status: 'running', running: true, stopped_at: null, errors_in_row: 0 });
    expect(status.leader).toMatch(/^[0-9a-f-]{36}$/);
    expect(Date.parse(status.next_evaluation_at ?? '') - Date.parse(status.last_evaluation_at ?? '')).toBe(30_000);
  });

  it('what runs changes nothing but the given configuration', async () => {
    const first = await fixture.post<{ config: object }>('/start', { max_concurrent_tasks: 7, test_mode: true });
    expect(first.config).toEqual({ ...DEFAULTS, max_concurrent_tasks: 7, test_mode: true });
    const before = await fixture.status();
    const again = await fixture.post<{ status: string; config: object }>('/start', { min_arbitration_threshold: 0 });
    expect(again).toMatchObject({
      status: 'running',
      config: { ...DEFAULTS, max_concurrent_tasks: 7, test_mode: true, min_arbitration_threshold: 0 },
    });
    const { started_at, evaluations } = await fixture.status();
    expect(started_at).toBe(before.started_at);
    expect(evaluations).toBeLessThanOrEqual(1);
  });

  it('an operator starts with the stored configuration, an empty body counts as none, and more needs an admin', async () => {
    const refused = await fixture.refused('operator', 'POST', `${ENGINE}/start`, { evaluation_interval: 5 });
    expect(refused).toMatchObject({ status: 403, error_code: 'FORBIDDEN' });
    expect((await fixture.status()).status).toBe('not_initialized');
    await fixture.post('/start', { evaluation_interval: 60 });
    await fixture.post('/stop');
    const started = await fixture.post<{ config: object }>('/start', {}, 'operator');
    expect(started.config).toEqual({ ...DEFAULTS, evaluation_interval: 60 });
    expect(await fixture.refused('viewer', 'POST', `${ENGINE}/start`)).toMatchObject({ status: 403 });
  });

  it('five at once start one engine, not five', async () => {
    const all = await Promise.all(
      [3, 4, 5, 6, 7].map((tasks) => fixture.post<{ config: object }>('/start', { max_concurrent_tasks: tasks })),
    );
    expect(all).toHaveLength(5);
    const rows = await fixture.database.query<{ count: number }>('SELECT count(*)::int FROM motivation_engine');
    expect(rows).toEqual([{ count: 1 }]);
    await until('the first evaluation', async () => (await fixture.status()).evaluations > 0);
    await fixture.post('/stop');
    expect((await fixture.status()).running).toBe(false);
    expect(await fixture.decisions()).toHaveLength(1);
  });

  const wrong: [string, unknown][] = [
    ['evaluation_interval', 0],
    ['evaluation_interval', 3_601],
    ['evaluation_interval', 1.5],
    ['evaluation_interval', '30'],
    ['evaluation_interval', null],
    ['max_concurrent_tasks', 0],
    ['max_concurrent_tasks', 51],
    ['min_arbitration_threshold', -0.01],
    ['min_arbitration_threshold', 1.01],
    ['min_arbitration_threshold', 'high'],
    ['safety_enabled', 'false'],
    ['safety_enabled', 0],
    ['test_mode', null],
    ['no_such_setting', 1],
  ];

  it.each(wrong)('%s of %j is refused and starts nothing', async (field, value) => {
    const refused = await fixture.refused('admin', 'POST', `${ENGINE}/start`, { [field]: value });
    expect(refused).toMatchObject({ status: 400, error_code: 'VALIDATION_ERROR' });
    expect(new Set(refused.errors?.map((error) => error.field))).toEqual(new Set([field]));
    expect((await fixture.status()).status).toBe('not_initialized');
  });

  it.each(wrong)('a configuration with %s of %j is refused and changes nothing', async (field, value) => {
    await fixture.post('/start', { max_concurrent_tasks: 9 });
    const body = { max_concurrent_tasks: 8, [field]: value };
    const refused = await fixture.refused('admin', 'PUT', `${ENGINE}/config`, body);
    expect(refused).toMatchObject({ status: 400, error_code: 'VALIDATION_ERROR' });
    expect((await fixture.status()).max_concurrent_tasks).toBe(9);
  });
});

describe('configuring', () => {
  it('changes only what is given: one field leaves the others alone', async () => {
    const all = {
      evaluation_interval: 3_600,
      max_concurrent_tasks: 50,
      min_arbitration_threshold: 1,
      safety_enabled: false,
      test_mode: true,
    };
    await fixture.post('/start', all);
    const changes = [
      { evaluation_interval: 1_800 },
      { max_concurrent_tasks: 1 },
      { min_arbitration_threshold: 0.25 },
      { safety_enabled: true },
      { test_mode: false },
    ];
    let expected: object = all;
    for (const change of changes) {
      expected = { ...expected, ...change };
      const answer = await fixture.nyx.request('admin', 'PUT', `${ENGINE}/config`, change);
      expect(answer.status).toBe(200);
      expect(await answer.json()).toEqual({
        message: expect.any(String) as unknown,
        config: expected,
        timestamp: isTime,
      });
      expect(await fixture.status()).toMatchObject(expected);
    }
  });

  it('takes effect at once: a long pause ends when the interval becomes short', async () => {
    await fixture.post('/start', { evaluation_interval: 3_600 });
    await until('the first evaluation', async () => (await fixture.status()).evaluations === 1);
    await fixture.nyx.request('admin', 'PUT', `${ENGINE}/config`, { evaluation_interval: 1 });
    await until('more evaluations', async () => (await fixture.status()).evaluations >= 3);
    await fixture.nyx.request('admin', 'PUT', `${ENGINE}/config`, { evaluation_interval: 3_600 });
    const { last_evaluation_at: last, next_evaluation_at: next } = await fixture.status();
    expect(Date.parse(next ?? '') - Date.parse(last ?? '')).toBe(3_600_000);
  });

  it('needs an admin, a setting, and an engine that runs', async () => {
    await fixture.post('/start');
    const refused = await fixture.refused('operator', 'PUT', `${ENGINE}/config`, { max_concurrent_tasks: 5 });
    expect(refused).toMatchObject({ status: 403 });
    expect(await fixture.refused('admin', 'PUT', `${ENGINE}/config`, {})).toMatchObject({
      status: 400,
      error_code: 'VALIDATION_ERROR',
    });
    expect(await fixture.refused('admin', 'PUT', `${ENGINE}/config`)).toMatchObject({ status: 400 });
    await fixture.post('/stop');
    expect(await fixture.refused('admin', 'PUT', `${ENGINE}/config`, { max_concurrent_tasks: 5 })).toMatchObject({
      status: 400,
      error_code: 'ENGINE_NOT_RUNNING',
    });
    expect((await fixture.status()).max_concurrent_tasks).toBe(3);
  });
});

describe('stopping', () => {
  it('ends all evaluation, and may be repeated', async () => {
    await fixture.post('/start', { evaluation_interval: 1 });
    await until('two evaluations', async () => (await fixture.status()).evaluations >= 2);
    const stopped = await fixture.post('/stop', undefined, 'operator');
    expect(stopped).toEqual({
      message: expect.any(String) as unknown,
      status: 'stopped',
      cancelled_tasks: 0,
      timestamp: isTime,
    });
    const { evaluations } = await fixture.status();
    expect(await fixture.post('/stop', { cancel_running: false })).toMatchObject({ status: 'stopped' });
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(await fixture.status()).toMatchObject({
      status: 'stopped',
      running: false,
      evaluations,
      next_evaluation_at: null,
      stopped_at: isTime,
    });
    expect(await fixture.decisions()).toHaveLength(evaluations);
  });

  it.each([{ cancel_running: 'yes' }, { cancel_running: null }, { cancel: true }])(
    '%j is refused and stops nothing',
    async (body) => {
      await fixture.post('/start');
      expect(await fixture.refused('operator', 'POST', `${ENGINE}/stop`, body)).toMatchObject({
        status: 400,
        error_code: 'VALIDATION_ERROR',
      });
      expect((await fixture.status()).running).toBe(true);
    },
  );
});

describe('decisions', () => {
  it('come a page at a time, newest first, each once', async () => {
    await fixture.evaluate({}, 5);
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const next: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const answer = await fixture.nyx.request('viewer', 'GET', `${DECISIONS}?limit=2${next}`);
      const page = (await answer.json()) as { items: { evaluated_at: string }[]; next_cursor: string | null };
      seen.push(...page.items.map(({ evaluated_at }) => evaluated_at));
      cursor = page.next_cursor;
    }
    expect(seen).toHaveLength(5);
    expect(new Set(seen).size).toBe(5);
    expect(seen).toEqual(seen.toSorted().reverse());
  });

  it('show every motivation with its numbers and why it got no task', async () => {
    await fixture.evaluate();
    const [decision] = await fixture.decisions();
    expect(decision).toMatchObject({ spawned: 0, chosen: [], config: { evaluation_interval: 3_600, test_mode: true } });
    expect(decision?.executor_id).toBe((await fixture.status()).leader);
    expect(decision?.considered.map(({ motivation_type: type }) => type)).toEqual([
      'explore_recent_failure',
      'idle_exploration',
      'maximize_coverage',
      'refine_low_confidence',
      'resolve_unfinished_tasks',
      'revisit_old_thoughts',
    ]);
    for (const one of decision?.considered ?? []) {
      expect(one).toMatchObject({ chosen: false, task_id: null });
      expect(one.rejections.length).toBeGreaterThan(0);
      expect(one.score).toBeCloseTo(one.factors.urgency * (1 - one.factors.satisfaction), 9);
    }
  });

  it('can be narrowed to a motivation, or to what was spawned', async () => {
    await fixture.evaluate();
    const [decision] = await fixture.decisions('&motivation_type=idle_exploration');
    expect(decision?.considered.map(({ motivation_type: type }) => type)).toEqual(['idle_exploration']);
    expect(await fixture.decisions('&spawned=true')).toEqual([]);
    expect(await fixture.decisions('&spawned=false')).toHaveLength(1);
    expect(await fixture.decisions('&motivation_type=idle_exploration&spawned=true')).toEqual([]);
  });

  it.each([
    'limit=0',
    'limit=-1',
    'limit=201',
    'cursor=x',
    'spawned=1',
    'motivation_type=banana',
    'motivation_type=',
    'motivation_type=A%20B',
    'no_such=1',
  ])('%s is refused', async (query) => {
    expect(await fixture.refused('viewer', 'GET', `${DECISIONS}?${query}`)).toMatchObject({
      status: 400,
      error_code: 'VALIDATION_ERROR',
    });
  });
});
