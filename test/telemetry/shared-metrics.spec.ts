import { Metrics } from '../../src/telemetry/metrics.js';

it('writes the metrics twice for any number that asks at the same time', async () => {
  const metrics = new Metrics();
  let gathered = 0;
  metrics.onGather(async () => {
    gathered += 1;
    await new Promise(setImmediate);
    metrics.database.waiting.set({ pool: 'application' }, gathered);
  });
  const [first, ...others] = await Promise.all(Array.from({ length: 50 }, () => metrics.text()));
  expect(gathered).toBe(2);
  expect(first).toContain('nyx_database_pool_waiting{pool="application"} 1');
  for (const text of others) expect(text).toContain('nyx_database_pool_waiting{pool="application"} 2');
  await metrics.text();
  expect(gathered).toBe(3);
});
