import { cleanUpProcesses } from '../support/process.js';
import { until } from '../support/until.js';
import { Chaos, RECOVERY_MS } from './chaos-fixture.js';

let chaos: Chaos;
beforeAll(async () => {
  chaos = await Chaos.begin();
});
afterAll(async () => {
  await chaos.end();
  await cleanUpProcesses();
});

it('a refinement that an older release began ends on this one, in the steps in which it began', async () => {
  chaos.model.script({ match: { prompt: 'Describe a kite' }, hang: true, times: 1 });
  const older = await chaos.startNyx();
  const preferences = { execution_preferences: { strategy: 'iterative_refinement' } };
  const id = await chaos.accept(older, 'Describe a kite. [[rounds:2]]', preferences);
  await until('its first round is asked for', () => chaos.model.requests.length === 1, RECOVERY_MS);
  await chaos.kill(older);
  // What it left when later rounds began by a step of their own.
  const { rowCount } = await chaos.sql.query(
    `UPDATE durable.operation_outputs SET output = replace(output, '{"withVerdicts":true}', 'null')
      WHERE workflow_uuid = $1 AND function_name = 'round-1:begin' AND output LIKE '%{"withVerdicts":true}%'`,
    [id],
  );
  expect(rowCount).toBe(1);

  const newer = await chaos.startNyx();
  await chaos.untilEnded([id]);
  expect(await chaos.workflow(newer, id)).toMatchObject({ status: 'completed', success: true });
  await chaos.expectConsistent(id);
  const { rows } = await chaos.sql.query<{ name: string }>(
    `SELECT function_name AS name FROM durable.operation_outputs WHERE workflow_uuid = $1 AND function_name LIKE 'round-%' ORDER BY function_id`,
    [id],
  );
  expect(rows.map(({ name }) => name)).toEqual([
    'round-1:begin',
    'round-1',
    'round-1:verdict',
    'round-2:begin',
    'round-2',
    'round-2:verdict',
  ]);
}, 240_000);
