import { newId } from '../../src/database/ids.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { DurableFixture } from './durable-fixture.js';

const { jest } = import.meta;

let database: TestDatabase;
let room: DurableFixture;

beforeEach(async () => {
  database = await createTestDatabase();
  room = await DurableFixture.start(database.url, () => Promise.resolve());
});
afterEach(async () => {
  jest.restoreAllMocks();
  await room.close();
  await database.drop();
});

it('runs what nobody kicks also while the clock of the machine has gone back', async () => {
  const wallClock = Date.now;
  jest.spyOn(Date, 'now').mockImplementation(() => wallClock() - 3_600_000);
  // Whatever is on its way by the clock before has come.
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  for (let run = 0; run < 2; run += 1) {
    const id = newId();
    await room.database.transaction((tx) =>
      room.durable.accept(tx, { name: 'test-flow', id, input: { workflowId: id }, priority: 1 }),
    );
    await room.untilStatus(id, 'SUCCESS');
  }
});
