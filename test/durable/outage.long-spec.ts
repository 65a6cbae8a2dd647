import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { Recovery } from '../../src/durable/recovery.service.js';
import { OrchestratorFixture } from '../orchestrator/orchestrator-fixture.js';
import { createTestDatabase } from '../support/database.js';
import { DatabaseRelay } from '../support/database-relay.js';
import { until } from '../support/until.js';

/** Longer than an executor may be silent before the others take it for frozen (15 s). */
const OUTAGE_MS = 17_000;

describe('an outage of the database that is longer than the patience with a silent executor', () => {
  it('ends no live replica and is paid once, though a sweep comes before the first beat', async () => {
    const database = await createTestDatabase();
    const relay = await DatabaseRelay.before(database.url);
    const sql = new pg.Pool({ connectionString: database.url, max: 1 });
    const fixture = await OrchestratorFixture.start({
      database: { url: relay.url },
      llm: { firstTokenTimeoutSeconds: 120 },
    });
    try {
      fixture.model.script({ hold: 'answer', answer: 'It clips.' });
      const id = await fixture.accept('What is a clip?');
      await fixture.model.waitFor(1);
      relay.cut();
      await sleep(OUTAGE_MS);
      relay.resume();
      await until('the database answers', () =>
        fixture.database.query('SELECT 1').then(
          () => true,
          () => false,
        ),
      );
      await fixture.nyx.app.get<Recovery, { sweep(): Promise<void> }>(Recovery).sweep();
      await until('the replica beats again', async () => {
        const beats = await sql.query(`SELECT 1 FROM executors WHERE last_beat_at > now() - interval '2 seconds'`);
        return beats.rowCount === 1;
      });
      fixture.model.release('answer');
      expect(await fixture.ended(id)).toMatchObject({ status: 'completed', success: true });
      expect(fixture.model.requests).toHaveLength(1);
      expect((await sql.query('SELECT status FROM executors')).rows).toEqual([{ status: 'live' }]);
    } finally {
      await fixture.close();
      await sql.end();
      await relay.close();
      await database.drop();
    }
  }, 90_000);
});
