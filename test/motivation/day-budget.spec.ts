import { EngineFixture, saidOf, Wish } from './engine-fixture.js';
import { until } from '../support/until.js';

/** The money of the autonomous day, with real workflows that have promises and spend. */
let fixture: EngineFixture;

beforeAll(async () => {
  fixture = await EngineFixture.start();
});
afterAll(() => fixture.close());
beforeEach(() => fixture.forget());
afterEach(() => fixture.model.reset());

const limitDay = async (usd: number): Promise<void> => {
  const path = '/api/v1/system/config/budget_autonomous_day_usd';
  const answer = await fixture.nyx.request('admin', 'PUT', path, { config_value: usd });
  expect(answer.status).toBe(200);
};

const costsOf = async (types: readonly string[]): Promise<(number | null)[]> => {
  const rows = await fixture.database.query<{ type: string; usd: number | null }>(
    `SELECT s.motivation_type AS type, w.max_cost_usd::float8 AS usd FROM motivational_tasks t
       JOIN motivational_states s ON s.id = t.motivational_state_id JOIN workflows w ON w.id = t.id`,
  );
  return types.map((type) => rows.find((row) => row.type === type)?.usd ?? null);
};

const noneActive = async (): Promise<boolean> =>
  (await fixture.database.query(`SELECT 1 FROM motivational_tasks WHERE completed_at IS NULL`)).length === 0;

it('is promised once: to those chosen one after another, and to those that run until they end', async () => {
  await limitDay(1.2);
  const types = ['wish_one', 'wish_two', 'wish_three'];
  fixture.model.script({ hold: 'all' });
  await fixture.add(...types.map((type) => new Wish(type)));
  await fixture.evaluate();
  expect(await costsOf(types)).toEqual([0.5, 0.2, 0.5]);

  await fixture.add(new Wish('wish_four'));
  await fixture.evaluate();
  const [late] = await fixture.decisions();
  expect(saidOf(late, 'wish_four').rejections).toEqual([
    {
      reason: 'budget',
      detail: 'Of the 1.2 USD of autonomous work a day 0 are neither used nor promised, and a task needs 0.02.',
    },
  ]);

  fixture.model.release('all');
  await until('the tasks have ended', noneActive);
  await fixture.evaluate();
  // What they did not spend is free again.
  expect(await costsOf(['wish_four'])).toEqual([0.5]);
  await until('the last task has ended', noneActive);
});

it('what a running task has spent of its promise is not counted twice', async () => {
  await limitDay(1.2);
  fixture.model.script({ hold: 'spender' });
  await fixture.add(new Wish('wish_spender'));
  await fixture.evaluate();
  await until('its call is reserved', async () => {
    const reserved = `SELECT 1 FROM budget_scopes WHERE kind = 'autonomous_day' AND reserved_usd > 0`;
    return (await fixture.database.query(reserved)).length > 0;
  });
  const [day] = await fixture.database.query<{ spent: number }>(
    `SELECT spent_usd::float8 AS spent FROM budget_scopes WHERE kind = 'autonomous_day'`,
  );
  await fixture.add(new Wish('wish_after'), new Wish('wish_last'));
  await fixture.evaluate();
  const [first = 0, second = 0] = await costsOf(['wish_after', 'wish_last']);
  expect((first ?? 0) + (second ?? 0)).toBeCloseTo(1.2 - 0.5 - (day?.spent ?? NaN), 6);
  fixture.model.release('spender');
  await until('the tasks have ended', noneActive);
});

it('leaves exploratory work half of it', async () => {
  await limitDay(0.9);
  await fixture.add(new Exploring('wish_to_explore'));
  await fixture.evaluate();
  const [usd] = await costsOf(['wish_to_explore']);
  expect(usd).toBeLessThanOrEqual(0.45);
  expect(usd).toBeGreaterThan(0.4);
  await until('the task has ended', noneActive);

  await limitDay(0.001);
  await fixture.add(new Exploring('wish_without_money'));
  await fixture.evaluate();
  const [decision] = await fixture.decisions();
  expect(saidOf(decision, 'wish_without_money').rejections).toMatchObject([{ reason: 'budget' }]);
});

class Exploring extends Wish {
  override readonly category = 'exploratory';
}
