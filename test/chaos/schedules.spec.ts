import { derivedId } from '../../src/database/ids.js';
import { cleanUpProcesses, type NyxProcess } from '../support/process.js';
import { until } from '../support/until.js';
import { Chaos } from './chaos-fixture.js';

const DUE_AT_ONCE = 24;

interface Made {
  readonly id: string;
  readonly next_fire_times: readonly string[];
}

/** Two replicas with one set of schedules; one of them is killed while they fire. */
describe('schedules on two replicas', () => {
  let chaos: Chaos;
  let dying: NyxProcess;
  let staying: NyxProcess;

  beforeAll(async () => {
    chaos = await Chaos.begin();
    [dying, staying] = await Promise.all([chaos.startNyx(), chaos.startNyx()]);
  });
  afterAll(async () => {
    await chaos.end();
    await cleanUpProcesses();
  });

  async function make(cron: string): Promise<Made> {
    const workflow_template = { input_type: 'user_prompt', content: { prompt: `Fire ${cron}.` } };
    const body = JSON.stringify({ schedule: cron, workflow_template });
    const answer = await chaos.fetch(staying, '/api/v1/orchestrator/schedules', { method: 'POST', body });
    expect(answer.status).toBe(201);
    return (await answer.json()) as Made;
  }

  const firedBy = async (ids: readonly string[]): Promise<string[]> =>
    (await chaos.sql.query<{ id: string }>('SELECT id FROM workflows WHERE schedule_id = ANY($1)', [ids])).rows.map(
      ({ id }) => id,
    );

  it('fire every slot exactly once, also those that a killed replica had begun', async () => {
    const { id: everySecond, next_fire_times: slotsToCome } = await make('* * * * * *');
    const firstMs = Date.parse(slotsToCome[0] ?? '');
    const yearly: string[] = [];
    for (let count = 0; count < DUE_AT_ONCE; count += 1) yearly.push((await make('0 0 1 1 *')).id);
    await until('both replicas had the chance to fire', async () => (await firedBy([everySecond])).length >= 3);

    await chaos.sql.query(`UPDATE schedules SET next_fire_at = date_trunc('second', now()) WHERE id = ANY($1)`, [
      yearly,
    ]);
    await chaos.sql.query(`SELECT pg_notify('nyx_schedules', 'test')`);
    await until('some of them fired', async () => (await firedBy(yearly)).length > 0);
    await chaos.kill(dying);
    await until('all of them fired', async () => (await firedBy(yearly)).length >= DUE_AT_ONCE);
    const before = (await firedBy([everySecond])).length;
    await until('every second goes on', async () => (await firedBy([everySecond])).length >= before + 2);
    const paused = `/api/v1/orchestrator/schedules/${everySecond}/pause`;
    expect((await chaos.fetch(staying, paused, { method: 'POST' })).status).toBe(200);

    const ofYearly = await firedBy(yearly);
    expect(ofYearly).toHaveLength(DUE_AT_ONCE);
    const ofSeconds = await firedBy([everySecond]);
    const slots = ofSeconds.map((_, index) => new Date(firstMs + index * 1000).toISOString());
    expect(ofSeconds.sort()).toEqual(slots.map((slot) => derivedId(`sched:${everySecond}:${slot}`)).sort());
    await chaos.untilEnded([...ofYearly, ...ofSeconds]);
    const { rows: statuses } = await chaos.sql.query<{ status: string }>(
      'SELECT DISTINCT status FROM workflows WHERE id = ANY($1)',
      [[...ofYearly, ...ofSeconds]],
    );
    expect(statuses).toEqual([{ status: 'completed' }]);
  });
});
