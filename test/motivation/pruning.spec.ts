import { AppConfig } from '../../src/config/app-config.js';
import { Pruning } from '../../src/motivation/engine/pruning.js';
import { RuntimeSettings } from '../../src/settings/runtime-settings.js';
import { startApp, type TestApp } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/until.js';
import { Tasks } from './task-fixture.js';

let database: TestDatabase;
let nyx: TestApp;
let tasks: Tasks;

async function start(retention: { tasksDays?: number }): Promise<void> {
  nyx = await startApp({ database: { url: database.url }, retention });
  tasks = new Tasks(nyx);
}

beforeAll(async () => {
  database = await createTestDatabase();
  // Its own sweeps take no task, so that a test sees what it does itself.
  await start({ tasksDays: 0 });
});
afterAll(async () => {
  await nyx.close();
  await database.drop();
});
beforeEach(() => tasks.forget());

const days = (): number => nyx.app.get(RuntimeSettings).maxThoughtTreeAgeDays;

/** @returns the ids of those that are left, oldest first */
async function prune(tasksDays: number | undefined): Promise<string[]> {
  const { retention } = nyx.config;
  const config = Object.assign(new AppConfig(), nyx.config, { retention: { ...retention, tasksDays } });
  expect(await new Pruning(tasks.database, nyx.app.get(RuntimeSettings), config).run()).toBe(true);
  return left();
}

const left = async (): Promise<string[]> =>
  (await tasks.database.query<{ id: string }>('SELECT id FROM motivational_tasks ORDER BY completed_at')).map(
    ({ id }) => id,
  );

const writeDecisions = (count: number): Promise<unknown> =>
  tasks.database.query(
    `INSERT INTO motivation_decisions (id, evaluated_at, executor_id, elapsed_seconds, config, considered)
     SELECT gen_random_uuid(), now() - interval '7 days 1 hour', 'of old', 0, '{}', '[]' FROM generate_series(1, $1::int)`,
    [count],
  );
const decisions = async (): Promise<number> =>
  (await tasks.database.query(`SELECT 1 FROM motivation_decisions WHERE executor_id = 'of old'`)).length;

it('tasks are kept as long as what was done for them', async () => {
  await tasks.write('idle_exploration', days() + 1, true, 0.9, 0.1);
  const kept = await tasks.write('idle_exploration', days() - 1, true, 0.9, 0.1);
  expect(await prune(undefined)).toEqual([kept]);
});

it('tasks may have days of their own, go in batches, and stay with 0', async () => {
  const oldest = await tasks.write('idle_exploration', days() + 1, true, 0.9, 0.1);
  const old = await tasks.write('idle_exploration', 11, true, 0.9, 0.1);
  const young = await tasks.write('idle_exploration', 9, true, 0.9, 0.1);
  expect(await prune(0)).toEqual([oldest, old, young]);
  expect(await prune(days() + 2)).toEqual([oldest, old, young]);
  await tasks.database.query(
    `INSERT INTO motivational_tasks (id, motivational_state_id, generated_prompt, task_priority, arbitration_score, status, target, completed_at)
     SELECT gen_random_uuid(), motivational_state_id, 'p', 0.5, 0.5, 'cancelled', 't', completed_at
       FROM motivational_tasks, generate_series(1, 1001) WHERE id = $1`,
    [old],
  );
  expect(await prune(10)).toEqual([young]);
});

it('decisions are kept for a week, and targets until they are free again', async () => {
  await writeDecisions(2_500);
  await tasks.database.query(
    `INSERT INTO motivational_targets (motivation_type, target, taken_until)
     VALUES ('a_wish', 'old', now() - interval '1 second'), ('a_wish', 'young', now() + interval '1 hour')`,
  );
  await prune(0);
  expect(await decisions()).toBe(0);
  expect(await tasks.database.query('SELECT target FROM motivational_targets')).toEqual([{ target: 'young' }]);
});

it('begins nothing after its time, and says that something may be left', async () => {
  await tasks.write('idle_exploration', days() + 1, true, 0.9, 0.1);
  expect(await nyx.app.get(Pruning).run(performance.now())).toBe(false);
  expect(await left()).toHaveLength(1);
});

it('is done by who sweeps, also while the engine is stopped', async () => {
  const kept = await tasks.write('idle_exploration', days() - 1, true, 0.9, 0.1);
  await tasks.write('idle_exploration', days() + 1, true, 0.9, 0.1);
  await writeDecisions(1);
  await nyx.close();
  await start({});
  await until('the old are gone', async () => (await left()).length === 1 && (await decisions()) === 0);
  expect(await left()).toEqual([kept]);
  expect(await tasks.database.query('SELECT 1 FROM motivation_engine WHERE evaluations > 0')).toEqual([]);
});
