import { newId } from '../../src/database/ids.js';
import { UnrunClaims } from '../../src/durable/unrun-claims.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { DatabaseRelay } from '../support/database-relay.js';
import { DurableFixture, gate } from './durable-fixture.js';

/** Of the statement by which DBOS claims what is enqueued. */
const CLAIM = 'recovery_attempts = recovery_attempts + 1';

/** The last claim after which a function is still run. */
const MAX_ATTEMPTS = 6;

describe('claims that are not run', () => {
  let database: TestDatabase;
  let relay: DatabaseRelay;
  let room: DurableFixture | undefined;

  beforeEach(async () => {
    database = await createTestDatabase();
    relay = await DatabaseRelay.before(database.url);
  });
  afterEach(async () => {
    await room?.close();
    room = undefined;
    await relay.close();
    await database.drop();
  });

  const look = (fixture: DurableFixture): Promise<void> =>
    fixture.context.get<UnrunClaims, { look(): Promise<void> }>(UnrunClaims).look();
  const statusOf = async (fixture: DurableFixture, id: string): Promise<string | undefined> => {
    const [row] = await fixture.database.query<{ status: string }>(
      'SELECT status FROM durable.workflow_status WHERE workflow_uuid = $1',
      [id],
    );
    return row?.status;
  };

  it('are enqueued again when the database went away between the commit of a claim and its answer', async () => {
    const runs: string[] = [];
    room = await DurableFixture.start(relay.url, async (durable, { workflowId }) => {
      await durable.step('effect', () => Promise.resolve(void runs.push(workflowId)));
    });
    const id = newId();
    const lost = relay.loseCommitOf(CLAIM);
    await room.accept(id);
    await lost;
    expect(await statusOf(room, id)).toBe('PENDING');
    expect(runs).toEqual([]);

    const { attempts } = await room.untilStatus(id, 'SUCCESS');
    expect(runs).toEqual([id]);
    expect(attempts).toBe(2);
  });

  it('are told from those that are', async () => {
    const [begun, mayEnd] = [gate(), gate()];
    let runs = 0;
    const own = (room = await DurableFixture.start(database.url, async (durable) => {
      runs += 1;
      await durable.step('effect', async () => {
        begun.open();
        await mayEnd.opened;
      });
    }));
    const id = newId();
    await own.accept(id);
    await begun.opened;
    for (let looks = 0; looks < 3; looks += 1) await look(own);
    expect(await statusOf(own, id)).toBe('PENDING');
    mayEnd.open();
    await own.untilStatus(id, 'SUCCESS');
    expect(runs).toBe(1);
  });

  it('are given back when two looks saw the same claim, not one', async () => {
    const own = (room = await DurableFixture.start(database.url, () => Promise.resolve()));
    clearTimeout(own.context.get<UnrunClaims, { timer: NodeJS.Timeout }>(UnrunClaims).timer);
    const id = newId();
    await own.accept(id);
    await own.untilStatus(id, 'SUCCESS');
    const claimAs = (token: string): Promise<unknown> =>
      own.database.query(
        `UPDATE durable.workflow_status SET status = 'PENDING', owner_xid = $2, completed_at = NULL WHERE workflow_uuid = $1`,
        [id, token],
      );
    for (const token of ['one', 'another']) {
      await claimAs(token);
      await look(own);
      expect(await statusOf(own, id)).toBe('PENDING');
    }
    await look(own);
    await own.untilStatus(id, 'SUCCESS');
  });

  it('use up no attempts of a function that only a newer release has', async () => {
    const older = (room = await DurableFixture.start(database.url, () => Promise.resolve()));
    clearTimeout(older.context.get<UnrunClaims, { timer: NodeJS.Timeout }>(UnrunClaims).timer);
    const id = newId();
    await older.accept(id, 'newer-flow');
    for (let claims = 0; claims <= MAX_ATTEMPTS; claims += 1) {
      await older.untilStatus(id, 'PENDING');
      await look(older);
      await look(older);
      older.durable.kick();
    }
    await older.close();

    room = await DurableFixture.start(database.url, () => Promise.resolve(), 'newer-flow');
    await room.untilStatus(id, 'SUCCESS');
  });
});
