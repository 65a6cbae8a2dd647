import { newId } from '../../src/database/ids.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { DurableFixture } from './durable-fixture.js';

const MARKED = `
  INSERT INTO durable.operation_outputs (workflow_uuid, function_id, function_name) VALUES ($1, 0, $2)`;

describe('a function whose history this release does not know', () => {
  let database: TestDatabase;
  let fixture: DurableFixture;
  let runs = 0;

  beforeAll(async () => {
    database = await createTestDatabase();
    fixture = await DurableFixture.start(database.url, async (durable) => {
      await durable.step('first', () => Promise.resolve((runs += 1)));
    });
  });
  afterAll(async () => {
    await fixture.close();
    await database.drop();
  });

  const acceptWith = async (recorded: string): Promise<string> => {
    const id = newId();
    await fixture.database.transaction(async (tx) => {
      await fixture.durable.accept(tx, { name: 'test-flow', id, input: { workflowId: id }, priority: 1 });
      await tx.query(MARKED, [id, recorded]);
    });
    fixture.durable.kick();
    return id;
  };

  it('is put by while it goes a way of a newer one, which is no attempt, and is looked at again', async () => {
    const id = await acceptWith('DBOS.patch-changed');
    expect(await fixture.untilStatus(id, 'DELAYED')).toEqual({ attempts: 0 });
    expect(runs).toBe(0);
    await fixture.database.query('DELETE FROM durable.operation_outputs WHERE workflow_uuid = $1', [id]);
    expect(await fixture.untilStatus(id, 'SUCCESS')).toEqual({ attempts: 1 });
    expect(runs).toBe(1);
  }, 60_000);

  it('fails where another step was recorded, which no release can explain', async () => {
    await fixture.untilStatus(await acceptWith('another'), 'ERROR');
  }, 60_000);
});
