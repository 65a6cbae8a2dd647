import { setTimeout as sleep } from 'node:timers/promises';
import { performance } from 'node:perf_hooks';
import pg from 'pg';
import { newId } from '../../src/database/ids.js';
import { placesFor } from '../../src/durable/places.rules.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/until.js';
import { DurableFixture, gate, type Flow } from './durable-fixture.js';

describe('how many workflows run at once', () => {
  it.each([
    ['all that the queue allows', { waiting: 0, away: 0, utilization: 0.5 }, 50],
    ['more, by those that wait for days', { waiting: 3, away: 20, utilization: 0.5 }, 53],
    ['few while the process is busy', { waiting: 0, away: 0, utilization: 0.9 }, 8],
    ['beside those that are at a model', { waiting: 3, away: 20, utilization: 0.9 }, 31],
    ['never more than the queue allows', { waiting: 0, away: 49, utilization: 1 }, 50],
  ])('%s', (_what, now, places) => {
    expect(placesFor(50, now)).toBe(places);
  });
});

describe('places in a queue', () => {
  let database: TestDatabase;
  let sql: pg.Pool;
  let fixture: DurableFixture | undefined;
  beforeEach(async () => {
    database = await createTestDatabase();
    sql = new pg.Pool({ connectionString: database.url, max: 1 });
  });
  afterEach(async () => {
    await fixture?.close();
    await sql.end();
    await database.drop();
  });

  const acceptAtOnce = async ({ database: db, durable }: DurableFixture, count: number): Promise<string[]> => {
    const ids = Array.from({ length: count }, newId);
    await db.transaction(async (tx) => {
      for (const id of ids) await durable.accept(tx, { name: 'test-flow', id, input: { workflowId: id }, priority: 1 });
    });
    durable.kick();
    return ids;
  };

  it('are taken again as soon as they are given back, not at the next poll', async () => {
    const running = new Set<string>();
    let mostAtOnce = 0;
    const flow: Flow = async (durable, { workflowId }) => {
      mostAtOnce = Math.max(mostAtOnce, running.add(workflowId).size);
      await durable.step('effect', () => sleep(5));
      running.delete(workflowId);
    };
    fixture = await DurableFixture.start(database.url, flow, 'test-flow', 2);
    // The loop of the engine has read it within two polls.
    await sql.query(`UPDATE durable.queues SET polling_interval_sec = 3600 WHERE name = 'workflows'`);
    for (const id of await acceptAtOnce(fixture, 20)) await fixture.untilStatus(id, 'SUCCESS');
    expect(mostAtOnce).toBe(2);
  });

  it('are few while the process is busy, and all when it is not', async () => {
    const end = gate();
    let begun = 0;
    const flow: Flow = () => {
      begun += 1;
      return end.opened;
    };
    fixture = await DurableFixture.start(database.url, flow);
    let isBusy = true;
    const spin = (): void => {
      const endMs = performance.now() + 20;
      while (performance.now() < endMs);
      if (isBusy) setImmediate(spin);
    };
    spin();
    try {
      // Each looks at the time since the one before.
      for (let look = 0; look < 3; look += 1) {
        fixture.durable.kick();
        await sleep(300);
      }
      const ids = await acceptAtOnce(fixture, 12);
      await until('eight have begun', () => begun >= 8);
      for (let look = 0; look < 3; look += 1) {
        fixture.durable.kick();
        await sleep(300);
      }
      expect(begun).toBe(8);
      isBusy = false;
      await until('the others have begun', () => begun === 12);
      end.open();
      for (const id of ids) await fixture.untilStatus(id, 'SUCCESS');
    } finally {
      isBusy = false;
      end.open();
    }
  });
});
