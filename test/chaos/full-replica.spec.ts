import { setTimeout as sleep } from 'node:timers/promises';
import { cleanUpProcesses } from '../support/process.js';
import { until } from '../support/until.js';
import { Chaos } from './chaos-fixture.js';

let chaos: Chaos;
beforeAll(async () => {
  chaos = await Chaos.begin();
});
afterAll(async () => {
  await chaos.end();
  await cleanUpProcesses();
});

it('a replica that has no place for what it accepts tells the others, who do not find it at a poll only', async () => {
  chaos.model.script({ hold: 'all' });
  const env = { DEFAULT_MAX_CONCURRENT_AGENTS: '1', LLM_FIRST_TOKEN_TIMEOUT_SECONDS: '120' };
  const full = await chaos.startNyx(env);
  await chaos.startNyx({ ...env, NYX_ROLES: 'worker' });
  await chaos.sql.query(`UPDATE durable.queues SET polling_interval_sec = 3600 WHERE name = 'workflows'`);
  // Each has read it within two polls of the old interval.
  await sleep(3_000);
  const direct = { execution_preferences: { strategy: 'direct_execution' } };
  const ids = [await chaos.accept(full, 'Takes the only place.', direct)];
  await chaos.model.waitFor(1);
  ids.push(await chaos.accept(full, 'Is for somebody else.', direct));
  const isWithTheOther = (): boolean => chaos.model.requests.some(({ prompt }) => prompt.includes('somebody else'));
  await until('the other replica has taken it', isWithTheOther);
  chaos.model.release('all');
  await chaos.untilEnded(ids);
});
