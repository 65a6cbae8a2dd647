import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '../../src/database/ids.js';
import { until } from '../support/until.js';
import { ENGINE, EngineFixture, found, saidOf, Wish } from './engine-fixture.js';

let fixture: EngineFixture;

beforeAll(async () => {
  fixture = await EngineFixture.start();
});
afterAll(() => fixture.close());
beforeEach(() => fixture.forget());

const decided = async () => (await fixture.decisions())[0];

async function stateOf(type: string): Promise<{ urgency: number; lastTriggeredAt: Date | null }> {
  const [row] = await fixture.database.query<{ urgency: number; lastTriggeredAt: Date | null }>(
    'SELECT urgency, last_triggered_at AS "lastTriggeredAt" FROM motivational_states WHERE motivation_type = $1',
    [type],
  );
  if (row === undefined) throw new Error(`${type} has no state.`);
  return row;
}

describe('an evaluation', () => {
  it('gives what is chosen a task and a workflow of one id, discharges it, and records all of it', async () => {
    await fixture.add(new Wish('a_wish'));
    await fixture.evaluate();
    const decision = await decided();
    const said = saidOf(decision, 'a_wish');
    const tasks = await fixture.tasks('a_wish');
    expect(tasks).toEqual([{ id: said.task_id, goal: 'AUTONOMOUS: a_wish - a_wish waits', target: 'wish:a_wish' }]);
    expect(said).toMatchObject({
      chosen: true,
      score: 0.9,
      factors: { urgency: 0.9, satisfaction: 0, success: 1, time: 1 },
      boost: 0.1,
      evidence: { count: 1, summary: 'a_wish waits', rows: [{ kind: 'wish', id: 'a_wish' }] },
      before: { urgency: 0.9, satisfaction: 0, boost_factor: 1, decay_rate: 0 },
      after: { urgency: 0.27 },
      rejections: [],
    });
    expect(decision).toMatchObject({
      spawned: 1,
      chosen: [{ motivation_type: 'a_wish', task_id: said.task_id, score: 0.9 }],
    });
    expect(decision?.duration_ms).toBeGreaterThan(0);
    expect((await stateOf('a_wish')).urgency).toBeCloseTo(0.27, 12);
    expect((await stateOf('a_wish')).lastTriggeredAt).toEqual(new Date(decision?.evaluated_at ?? ''));
    expect(await fixture.decisions('&spawned=true&motivation_type=a_wish')).toHaveLength(1);
    expect(await fixture.decisions('&spawned=false&motivation_type=a_wish')).toEqual([]);
  });

  it('does not spawn a second task while the first has not ended, nor in the cooldown', async () => {
    await fixture.add(new Wish('one_wish'));
    await fixture.evaluate({}, 2);
    expect(await fixture.tasks('one_wish')).toHaveLength(1);
    const reasons = saidOf(await decided(), 'one_wish').rejections.map(({ reason }) => reason);
    expect(reasons).toContain('cooldown');
  });

  it('keeps to the places, the threshold and the budget that are configured', async () => {
    await fixture.add(new Wish('first_of_two'), new Wish('second_of_two'));
    await fixture.database.query(
      `UPDATE motivational_tasks SET status = 'completed' WHERE status IN ('generated', 'queued', 'spawned', 'active')`,
    );
    await fixture.evaluate({ max_concurrent_tasks: 1 });
    const crowded = await decided();
    expect(crowded?.spawned).toBe(1);
    expect(saidOf(crowded, 'second_of_two').rejections).toMatchObject([{ reason: 'capacity' }]);

    await fixture.nyx.request('admin', 'PUT', `${ENGINE}/config`, {
      max_concurrent_tasks: 50,
      min_arbitration_threshold: 0.95,
    });
    await fixture.evaluate();
    expect(saidOf(await decided(), 'second_of_two').rejections).toMatchObject([{ reason: 'threshold' }]);

    const key = '/api/v1/system/config/budget_autonomous_day_usd';
    await fixture.nyx.request('admin', 'PUT', `${ENGINE}/config`, { min_arbitration_threshold: 0.3 });
    await until('something was spent', async () => {
      const spent = `SELECT 1 FROM budget_scopes WHERE kind = 'autonomous_day' AND spent_usd > 0.000001`;
      return (await fixture.database.query(spent)).length > 0;
    });
    expect((await fixture.nyx.request('admin', 'PUT', key, { config_value: 0.000001 })).status).toBe(200);
    await fixture.evaluate();
    expect(saidOf(await decided(), 'second_of_two').rejections).toMatchObject([{ reason: 'budget' }]);
    expect((await fixture.nyx.request('admin', 'DELETE', key)).ok).toBe(true);
    await fixture.evaluate();
    expect(saidOf(await decided(), 'second_of_two')).toMatchObject({ chosen: true });
  });

  it('does not look at what is not active, and leaves out what this NYX does not have', async () => {
    const idle = new Wish('an_idle_wish');
    await fixture.add(idle);
    await fixture.database.query(
      `UPDATE motivational_states SET is_active = false WHERE motivation_type = 'an_idle_wish'`,
    );
    await fixture.database.query(
      `INSERT INTO motivational_states (id, motivation_type, decay_rate, boost_factor, base_decay_rate, base_boost_factor)
       VALUES ($1, 'of_another_nyx', 0, 1, 0, 1)`,
      [newId()],
    );
    await fixture.evaluate();
    const decision = await decided();
    expect(idle.looks).toBe(0);
    expect(saidOf(decision, 'an_idle_wish')).toMatchObject({ evidence: null });
    expect(saidOf(decision, 'an_idle_wish').rejections[0]?.reason).toBe('inactive');
    expect(() => saidOf(decision, 'of_another_nyx')).toThrow();
  });

  it('counts evidence for at most five minutes of a time in which nobody looked, and no time backwards', async () => {
    class Slow extends Wish {
      override readonly defaults = { urgency: 0, satisfaction: 0, decayRate: 0, boostFactor: 1, maxUrgency: 1 };
    }
    await fixture.add(new Slow('a_slow_wish', { boost: () => 0.01 }));
    await fixture.evaluate({ evaluation_interval: 60 });
    await fixture.database.query(`UPDATE motivation_engine SET evolved_at = now() - interval '2 hours'`);
    await fixture.evaluate();
    expect((await decided())?.elapsed_seconds).toBeGreaterThanOrEqual(7_200);
    expect((await stateOf('a_slow_wish')).urgency).toBeCloseTo(0.1, 2);
    await fixture.database.query(`UPDATE motivation_engine SET evolved_at = now() + interval '1 hour'`);
    await fixture.evaluate();
    expect(await decided()).toMatchObject({ elapsed_seconds: 0 });
    expect((await stateOf('a_slow_wish')).urgency).toBeCloseTo(0.1, 2);
  });
});

it('a clock that was set back keeps no engine from evaluating', async () => {
  await fixture.post('/start', { evaluation_interval: 1, test_mode: true });
  await until('an evaluation', async () => (await fixture.status()).evaluations > 0);
  await fixture.database.query(
    `UPDATE motivation_engine SET evolved_at = now() + interval '1 hour', last_evaluation_at = now() + interval '1 hour',
            next_evaluation_at = now() + interval '1 hour 1 second'`,
  );
  const { evaluations } = await fixture.status();
  await fixture.database.query(`SELECT pg_notify('nyx_motivation_engine', 'test')`);
  await until('another', async () => (await fixture.status()).evaluations > evaluations);
});

describe('an evaluation that fails', () => {
  const health = async (): Promise<object> => {
    const answer = await fixture.nyx.request('viewer', 'GET', '/api/v1/system/health');
    return ((await answer.json()) as { components: { engine: object } }).components.engine;
  };
  const failWith = 'ALTER TABLE motivation_decisions ADD CONSTRAINT ck_of_the_test CHECK (false) NOT VALID';

  it('leaves nothing behind, backs off, says why in plain words, and is forgotten by a success', async () => {
    await fixture.add(new Wish('a_failing_wish'));
    await fixture.database.query(failWith);
    try {
      await fixture.post('/start', { evaluation_interval: 20, test_mode: true, max_concurrent_tasks: 50 });
      await until('the failure', async () => (await fixture.status()).errors_in_row === 1);
      await fixture.hurry();
      await until('another failure', async () => (await fixture.status()).errors_in_row === 2);
      const status = await fixture.status();
      expect(status).toMatchObject({ running: true, evaluations: 0, last_evaluation_at: null });
      expect(status.last_error).toBe('The database refused a statement (SQLSTATE 23514); the log says more.');
      const pauseMs = Date.parse(status.next_evaluation_at ?? '') - Date.parse(status.last_error_at ?? '');
      expect(Math.round(pauseMs / 1_000)).toBe(40);
      expect(await health()).toEqual({ status: 'degraded', running: true });
      expect(await fixture.tasks('a_failing_wish')).toEqual([]);
      expect(await fixture.targets('a_failing_wish')).toEqual([]);
      expect((await stateOf('a_failing_wish')).urgency).toBe(0.9);
      const change = { evaluation_interval: 3_600 };
      await fixture.nyx.request('admin', 'PUT', `${ENGINE}/config`, change);
      const slower = await fixture.status();
      expect(Date.parse(slower.next_evaluation_at ?? '') - Date.parse(slower.last_error_at ?? '')).toBe(300_000);
    } finally {
      await fixture.database.query('ALTER TABLE motivation_decisions DROP CONSTRAINT ck_of_the_test');
    }
    await fixture.evaluate();
    expect(await fixture.status()).toMatchObject({
      evaluations: 1,
      errors_in_row: 0,
      last_error: null,
      last_error_at: null,
    });
    expect(await health()).toEqual({ status: 'healthy', running: true });
    expect(await fixture.tasks('a_failing_wish')).toHaveLength(1);
  });

  it('because its time is over says so, and keeps the others of it too', async () => {
    const sleepers = ['a', 'b', 'c', 'd', 'e'].map(
      (name) => new Wish(`sleeper_${name}`, { look: () => sleep(20_000, found('x'), { ref: false }) }),
    );
    await fixture.add(...sleepers, new Wish('a_wish_among_sleepers'));
    await fixture.post('/start', { evaluation_interval: 20, test_mode: true, max_concurrent_tasks: 50 });
    await until('the failure', async () => (await fixture.status()).errors_in_row === 1, 30_000);
    expect((await fixture.status()).last_error).toBe('The evaluation took longer than 10 s.');
    expect(await fixture.tasks('a_wish_among_sleepers')).toEqual([]);
  });

  it('because its connection is lost is told as well', async () => {
    let isFirst = true;
    const look = async (sql: { query(text: string): Promise<unknown> }) => {
      if (isFirst) {
        isFirst = false;
        await sql.query('SELECT pg_terminate_backend(pg_backend_pid())');
      }
      return found('x');
    };
    await fixture.add(new Wish('it_cuts_the_line', { look }));
    await fixture.post('/start', { evaluation_interval: 20, test_mode: true, max_concurrent_tasks: 50 });
    await until('the failure', async () => (await fixture.status()).errors_in_row === 1);
    expect((await fixture.status()).last_error).toBe('The database was not available.');
    await fixture.evaluate();
    expect(await fixture.status()).toMatchObject({ errors_in_row: 0, last_error: null });
  });
});

describe('stopping', () => {
  it('waits for an evaluation that runs, and none begins after its answer', async () => {
    const wish = new Wish('a_long_wish', { look: () => sleep(1_000, found('a_long_wish')) });
    await fixture.add(wish);
    await fixture.post('/start', { evaluation_interval: 20, test_mode: true, max_concurrent_tasks: 50 });
    await until('it is being looked at', () => wish.looks > 0);
    await fixture.post('/stop');
    const { evaluations } = await fixture.status();
    const [decision, ...others] = await fixture.decisions();
    expect([evaluations, others.length, wish.looks]).toEqual([1, 0, 1]);
    expect(saidOf(decision, 'a_long_wish').chosen).toBe(true);
    // Would be due at once, were it not stopped.
    await fixture.hurry();
    await sleep(1_500);
    expect(wish.looks).toBe(1);
  });
});
