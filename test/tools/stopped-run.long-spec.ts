import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { DatabaseRelay } from '../support/database-relay.js';
import { until } from '../support/until.js';
import { untilStopped } from './test-tools.js';
import { ToolsRoom } from './tools-room.js';

/** After this the process would end itself, in disorder. */
const STOP_TIMEOUT_MS = 45_000;

describe('a run of a person when NYX stops while the database is away', () => {
  let database: TestDatabase;
  let relay: DatabaseRelay;

  beforeAll(async () => {
    database = await createTestDatabase();
    relay = await DatabaseRelay.before(database.url);
  });
  afterAll(async () => {
    await relay.close();
    await database.drop();
  });

  it('holds nothing up, and stands as unknown after the next start', async () => {
    const room = await ToolsRoom.start({ database: { url: relay.url } });
    const tool = room.add('endless', untilStopped);
    const run = room.run({ kind: 'person', principalId: 'somebody', role: 'operator' }, 'endless');
    const unanswered = expect(run).rejects.toThrow();
    await until('it is under way', () => tool.runs === 1);
    relay.cut();
    let isClosed = false;
    const closing = room.close().then(() => (isClosed = true));
    await until('NYX has stopped', () => isClosed, STOP_TIMEOUT_MS).finally(() => relay.resume());
    await Promise.all([closing, unanswered]);

    const next = await ToolsRoom.start({ database: { url: database.url } });
    try {
      const isEnded = async (): Promise<boolean> => (await next.rows('endless'))[0]?.completed_at !== null;
      await until('it is ended', isEnded, 60_000);
      expect(await next.rows('endless')).toMatchObject([{ status: 'unknown', success: false }]);
    } finally {
      await next.close();
    }
  }, 240_000);
});
