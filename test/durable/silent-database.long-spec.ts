import { newId } from '../../src/database/ids.js';
import { createTestDatabase } from '../support/database.js';
import { DatabaseRelay } from '../support/database-relay.js';
import { until } from '../support/until.js';
import { DurableFixture, gate } from './durable-fixture.js';

/** Longer than a statement waits for its answer (35 s). */
const PATIENCE_MS = 90_000;

describe('a database whose connections never say a word again', () => {
  it('is asked on others in the end: what was under way ends, and what comes is begun', async () => {
    const database = await createTestDatabase();
    const relay = await DatabaseRelay.before(database.url);
    const [began, silenced] = [gate(), gate()];
    const ends: string[] = [];
    const fixture = await DurableFixture.start(relay.url, async (durable, { workflowId }) => {
      await durable.step('before', async () => {
        began.open();
        await silenced.opened;
      });
      await durable.commit('after', () => null);
      ends.push(workflowId);
    });
    try {
      const [first, second] = [newId(), newId()];
      await fixture.accept(first);
      await began.opened;
      relay.silence();
      silenced.open();
      await until('what was under way ends', () => ends.includes(first), PATIENCE_MS);
      await until(
        'it accepts again',
        () =>
          fixture.accept(second).then(
            () => true,
            () => false,
          ),
        PATIENCE_MS,
      );
      await until('what comes is begun, and ends', () => ends.includes(second), PATIENCE_MS);
    } finally {
      // Connections that nothing is asked on do not know yet.
      relay.cut();
      relay.resume();
      await fixture.close();
      await relay.close();
      await database.drop();
    }
  }, 300_000);
});
