import pg from 'pg';
import { RunClaims } from '../../src/tools/run/run-claims.js';
import { ToolAborted } from '../../src/tools/tool-run.js';
import { CommitHold } from '../support/commit-hold.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { DatabaseRelay } from '../support/database-relay.js';
import { until } from '../support/until.js';
import { done, untilStopped } from './test-tools.js';
import { ToolsRoom } from './tools-room.js';

describe('a run whose database goes away', () => {
  let database: TestDatabase;
  let relay: DatabaseRelay;
  let room: ToolsRoom;

  beforeAll(async () => {
    database = await createTestDatabase();
    relay = await DatabaseRelay.before(database.url);
    room = await ToolsRoom.start({ database: { url: relay.url } });
    await room.nyx.token('operator');
  });
  afterAll(async () => {
    await room.close();
    await relay.close();
    await database.drop();
  });

  it('while its claim is committed is not begun, and does not stand as running', async () => {
    const sql = new pg.Pool({ connectionString: database.url, max: 1 });
    try {
      const tool = room.add('acting', () => done);
      const hold = await CommitHold.on(sql, 'tool_executions');
      const unbegun = room.execute('acting');
      await hold.untilHeld(1);
      relay.cut();
      relay.resume();
      expect((await unbegun).status).toBe(503);
      await hold.untilAwaited();
      await hold.release();
      await until('it is taken back', async () => (await room.rows('acting')).length === 0);
      expect(tool.runs).toBe(0);
      expect((await room.execute('acting')).status).toBe(200);
      expect(await room.rows('acting')).toMatchObject([{ status: 'succeeded' }]);
    } finally {
      await sql.end();
    }
  });

  it('before it is claimed is not begun, and nothing is looked for when it is back', async () => {
    const sql = new pg.Pool({ connectionString: database.url, max: 1 });
    try {
      await sql.query(
        `CREATE TABLE looked_for (name text);
         CREATE FUNCTION note_claim() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN INSERT INTO looked_for VALUES (NEW.tool_name); RETURN NULL; END $$;
         CREATE TRIGGER note_claim AFTER INSERT ON tool_executions FOR EACH ROW EXECUTE FUNCTION note_claim()`,
      );
      room.add('unclaimed', () => done);
      const agent = await room.agent();
      relay.cut();
      await until('the connections are lost', () => room.database.pool.totalCount === 0);
      await expect(room.run(agent, 'unclaimed')).rejects.toThrow();
      relay.resume();
      await room.nyx.app.get(RunClaims).beforeApplicationShutdown();
      expect((await sql.query('SELECT name FROM looked_for')).rows).toEqual([]);
    } finally {
      await sql.end();
    }
  });

  it('and whose step is ended meanwhile ends at once, and is written when the database is back', async () => {
    const step = new AbortController();
    const tool = room.add('endless', untilStopped);
    const run = room.run(await room.agent(), 'endless', { signal: step.signal });
    await until('it is under way', () => tool.runs === 1);
    relay.cut();
    step.abort();
    await expect(run).rejects.toThrow(ToolAborted);
    relay.resume();
    const status = async (): Promise<string | undefined> => (await room.rows('endless').catch(() => []))[0]?.status;
    await until('it is written', async () => (await status()) === 'unknown');
  });
});
