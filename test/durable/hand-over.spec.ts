import { setImmediate as nextTurn } from 'node:timers/promises';
import pg from 'pg';
import { newId } from '../../src/database/ids.js';
import { DBOS } from '../../src/durable/dbos.js';
import { DurableEngine } from '../../src/durable/durable-engine.js';
import { Recovery } from '../../src/durable/recovery.service.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/until.js';
import { DurableFixture, gate, type Flow } from './durable-fixture.js';

const ROUNDS = 12;

/** What a test changes in `ExecutorSession`. */
interface Lease {
  lastAcknowledgedMs: number;
  timer: NodeJS.Timeout | undefined;
  beat(): Promise<void>;
}

const REFUSE_HAND_OVER = `
  CREATE FUNCTION refuse_hand_over() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not now'; END $$;
  CREATE TRIGGER refuse_hand_over BEFORE UPDATE ON durable.workflow_status FOR EACH ROW WHEN (NEW.status = 'ENQUEUED')
    EXECUTE FUNCTION refuse_hand_over()`;

const oneStep: Flow = async (durable) => {
  await durable.step('effect', () => Promise.resolve(1));
};

describe('what a replica leaves', () => {
  let database: TestDatabase;
  let sql: pg.Pool;
  let fixture: DurableFixture | undefined;

  beforeEach(async () => {
    database = await createTestDatabase();
    sql = new pg.Pool({ connectionString: database.url, max: 1 });
  });
  afterEach(async () => {
    await close();
    await sql.end();
    await database.drop();
  });

  const start = async (flow: Flow): Promise<DurableFixture> =>
    (fixture = await DurableFixture.start(database.url, flow));
  const close = async (): Promise<void> => {
    await fixture?.close();
    fixture = undefined;
  };
  const statusOf = async (id: string): Promise<string | undefined> =>
    (await sql.query<{ status: string }>('SELECT status FROM durable.workflow_status WHERE workflow_uuid = $1', [id]))
      .rows[0]?.status;

  it('is nothing when it stops right after it accepted: no claim stays under its id', async () => {
    const ids: string[] = [];
    const lost: string[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const id = newId();
      ids.push(id);
      await (await start(oneStep)).accept(id);
      await close();
      if ((await statusOf(id)) === 'PENDING') lost.push(id);
    }
    expect(lost).toEqual([]);
    const { untilStatus } = bound(await start(oneStep));
    for (const id of ids) await untilStatus(id, 'SUCCESS');
  }, 120_000);

  it('has no end that its runs met while the engine ended, where nothing could be handed over', async () => {
    const id = newId();
    const [began, gaveUp] = [gate(), gate()];
    const { accept } = bound(
      await start(async () => {
        began.open();
        while (DBOS.isInitialized()) await nextTurn();
        gaveUp.open();
        throw new Error('The engine is not there.');
      }),
    );
    await accept(id);
    await began.opened;
    await sql.query(REFUSE_HAND_OVER);
    await close();
    await gaveUp.opened;
    expect(await statusOf(id)).toBe('PENDING');
    await sql.query('DROP TRIGGER refuse_hand_over ON durable.workflow_status');
    await (await start(oneStep)).untilStatus(id, 'SUCCESS');
  });

  it('goes back to the queue, not to its end, when it drains while its lease is away', async () => {
    const started = gate();
    const id = newId();
    const { context, accept } = bound(
      await start(async (durable) => {
        started.open();
        await durable.step('effect', () => Promise.resolve(1));
      }),
    );
    const lease = context.get(DurableEngine).executor as unknown as Lease;
    clearTimeout(lease.timer);
    lease.lastAcknowledgedMs = -Infinity;
    await accept(id);
    await started.opened;
    await close();
    expect(await statusOf(id)).toBe('ENQUEUED');
    await (await start(oneStep)).untilStatus(id, 'SUCCESS');
  });

  it.each([
    ['workflow', 'workflows', undefined],
    ['branch', 'branches', newId()],
  ])('as a %s claimed after it was gone is found by the next sweep', async (_kind, queue, parent) => {
    const { untilStatus, context, durable, database: db } = bound(await start(oneStep));
    await sql.query(
      `INSERT INTO executors (id, status, lock_key, version, ended_at) VALUES ('woken', 'gone', 1, 'nyx-1', now())`,
    );
    const id = newId();
    await db.transaction(async (tx) => {
      await durable.accept(tx, { name: 'test-flow', id, input: { workflowId: id }, priority: 1 });
      await tx.query(
        `UPDATE durable.workflow_status SET status = 'PENDING', executor_id = 'woken', recovery_attempts = 1,
                queue_name = $2, parent_workflow_id = $3 WHERE workflow_uuid = $1`,
        [id, queue, parent],
      );
    });
    await sweep(context);
    await untilStatus(id, 'SUCCESS');
  });

  it('and claims before it knows that it was taken over runs all the same', async () => {
    const [began, aborted] = [gate(), gate()];
    let runs = 0;
    const { context, accept, untilStatus } = bound(
      await start(async (durable) => {
        await durable.step('effect', async ({ signal }) => {
          runs += 1;
          if (runs > 1) return;
          signal.addEventListener('abort', aborted.open);
          began.open();
          await aborted.opened;
          signal.throwIfAborted();
        });
      }),
    );
    const lease = context.get(DurableEngine).executor as unknown as Lease;
    clearTimeout(lease.timer);
    lease.lastAcknowledgedMs = Infinity;
    await sql.query(`UPDATE executors SET status = 'gone', ended_at = now()`);
    const id = newId();
    await accept(id);
    await began.opened;
    await lease.beat();
    await untilStatus(id, 'SUCCESS');
    expect(runs).toBe(2);
  });

  it('outside the durable engine is settled by the first sweep after its orderly end', async () => {
    const left = (await start(oneStep)).context.get(DurableEngine).executor.id;
    await close();
    const { context } = await start(oneStep);
    const settled: string[] = [];
    context.get(Recovery).onExecutorLost((id) => Promise.resolve(void settled.push(id)));
    await until('it is gone', async () => {
      await sweep(context);
      return (await sql.query(`SELECT 1 FROM executors WHERE id = $1 AND status = 'gone'`, [left])).rowCount === 1;
    });
    expect(settled).toEqual([left]);
  });

  const sweep = (context: DurableFixture['context']): Promise<void> =>
    context.get<Recovery, { sweep(): Promise<void> }>(Recovery).sweep();
});

const bound = (fixture: DurableFixture) => ({
  context: fixture.context,
  database: fixture.database,
  durable: fixture.durable,
  accept: (id: string) => fixture.accept(id),
  untilStatus: (id: string, status: string) => fixture.untilStatus(id, status),
});
