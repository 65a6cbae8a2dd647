import pg from 'pg';
import { newId } from '../../src/database/ids.js';
import { ToolAborted } from '../../src/tools/tool-run.js';
import { CommitHold } from '../support/commit-hold.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { DatabaseRelay } from '../support/database-relay.js';
import { until } from '../support/until.js';
import { untilStopped } from './test-tools.js';
import { ToolsRoom } from './tools-room.js';

describe('a run that is taken up again while the database goes away', () => {
  let database: TestDatabase;
  let relay: DatabaseRelay;
  let room: ToolsRoom;
  let sql: pg.Pool;

  beforeAll(async () => {
    database = await createTestDatabase();
    relay = await DatabaseRelay.before(database.url);
    sql = new pg.Pool({ connectionString: database.url, max: 1 });
    room = await ToolsRoom.start({ database: { url: relay.url } });
  });
  afterAll(async () => {
    await room.close();
    await sql.end();
    await relay.close();
    await database.drop();
  });

  it('is not begun, and does not stand as running when its step never comes again', async () => {
    const tool = room.add('repeatable', untilStopped, { isRepeatable: true });
    const [agent, executionId, step] = [await room.agent(), newId(), new AbortController()];
    const first = room.run(agent, 'repeatable', { executionId, signal: step.signal });
    await until('it is under way', () => tool.runs === 1);
    step.abort();
    await expect(first).rejects.toThrow(ToolAborted);
    expect(await room.rows('repeatable')).toMatchObject([{ status: 'unknown', retry_count: 0 }]);

    const hold = await CommitHold.on(sql, 'tool_executions');
    const second = room.run(agent, 'repeatable', { executionId });
    await hold.untilHeld(1);
    relay.cut();
    relay.resume();
    await expect(second).rejects.toThrow();
    await hold.untilAwaited();
    await hold.release();
    const isEnded = async (): Promise<boolean> => {
      const [row] = await room.rows('repeatable');
      return row?.retry_count === 1 && row.completed_at !== null;
    };
    await until('it is ended', isEnded);
    expect(await room.rows('repeatable')).toMatchObject([{ status: 'unknown', success: false, is_reported: false }]);
    expect(tool.runs).toBe(1);
  });
});
