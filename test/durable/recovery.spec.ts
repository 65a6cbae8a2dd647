import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { ADVISORY_LOCKS } from '../../src/database/advisory-locks.js';
import { newId } from '../../src/database/ids.js';
import type { ClockReading } from '../../src/durable/clock-watch.js';
import { reassignWorkflowsOf } from '../../src/durable/dbos.js';
import { pollNow, type WorkflowQueue } from '../../src/durable/dbos-queues.js';
import { DurableEngine } from '../../src/durable/durable-engine.js';
import { judgeAttempts } from '../../src/durable/recovery.js';
import { Recovery } from '../../src/durable/recovery.service.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { DatabaseRelay } from '../support/database-relay.js';
import { until } from '../support/until.js';
import { DurableFixture, gate, type Flow } from './durable-fixture.js';

const WORKER_CONCURRENCY = 50;

/** What a test changes in `ExecutorSession`. */
interface Liveness {
  lastAcknowledgedMs: number;
  reconnectedMs: number;
  clock: { last: ClockReading; leaptMs: number };
}

describe('recovery', () => {
  let database: TestDatabase;
  let sql: pg.Pool;
  let fixture: DurableFixture | undefined;

  beforeEach(async () => {
    database = await createTestDatabase();
    sql = new pg.Pool({ connectionString: database.url, max: 1 });
  });
  afterEach(async () => {
    await fixture?.close();
    fixture = undefined;
    await sql.end();
    await database.drop();
  });

  const start = async (flow: Flow, url = database.url): Promise<DurableFixture> =>
    (fixture = await DurableFixture.start(url, flow));
  const sweep = (room: DurableFixture): Promise<void> =>
    room.context.get<Recovery, { sweep(): Promise<void> }>(Recovery).sweep();
  const executorOf = (room: DurableFixture): string => room.context.get(DurableEngine).executor.id;
  const insertSilentExecutors = (...ids: string[]): Promise<unknown> =>
    sql.query(
      `INSERT INTO executors (id, status, lock_key, version, last_beat_at)
       SELECT id, 'live', ord, 'nyx-1', now() - interval '1 minute' FROM unnest($1::text[]) WITH ORDINALITY AS e(id, ord)`,
      [ids],
    );
  const executors = async (): Promise<Record<string, string>> => {
    const { rows } = await sql.query<{ id: string; status: string }>('SELECT id, status FROM executors');
    return Object.fromEntries(rows.map(({ id, status }) => [id, status]));
  };

  it('lets a suspect parent and the suspect branch it waits for, of another replica, both end', async () => {
    const [parent, child] = [newId(), newId()];
    const inChild = gate();
    const died = gate();
    let runs = 0;
    const room = await start(async (durable, { workflowId }) => {
      if (workflowId === parent) {
        await durable.startChildren('test-flow', [{ id: child, input: { workflowId: child } }]);
        await durable.waitFirst([child]);
        return;
      }
      runs += 1;
      inChild.open();
      await durable.step('effect', async () => {
        if (runs === 1) await died.opened;
      });
    });
    await room.accept(parent);
    await inChild.opened;
    // The parent is suspect since it planned; now its branch has been in three crashes too.
    await sql.query(`UPDATE durable.workflow_status SET queue_name = 'suspects' WHERE workflow_uuid = $1`, [parent]);
    await sql.query(
      `UPDATE durable.workflow_status SET recovery_attempts = 3, executor_id = 'other' WHERE workflow_uuid = $1`,
      [child],
    );
    await judgeAttempts(room.database, 'other');
    await reassignWorkflowsOf('other');
    died.open();
    await room.untilStatus(child, 'SUCCESS');
    await room.untilStatus(parent, 'SUCCESS');
  });

  it('lets a suspect branch and the suspect branch it waits for both end', async () => {
    const [root, branch, leaf] = [newId(), newId(), newId()];
    const below: Record<string, string> = { [root]: branch, [branch]: leaf };
    const inLeaf = gate();
    const died = gate();
    let runs = 0;
    const room = await start(async (durable, { workflowId }) => {
      const child = below[workflowId];
      if (child !== undefined) {
        await durable.startChildren('test-flow', [{ id: child, input: { workflowId: child } }]);
        await durable.waitFirst([child]);
        return;
      }
      runs += 1;
      inLeaf.open();
      await durable.step('effect', async () => {
        if (runs === 1) await died.opened;
      });
    });
    await room.accept(root);
    await inLeaf.opened;
    await sql.query(`UPDATE durable.workflow_status SET queue_name = 'suspect-branches' WHERE workflow_uuid = $1`, [
      branch,
    ]);
    await sql.query(
      `UPDATE durable.workflow_status SET recovery_attempts = 3, executor_id = 'other' WHERE workflow_uuid = $1`,
      [leaf],
    );
    await judgeAttempts(room.database, 'other');
    await reassignWorkflowsOf('other');
    died.open();
    for (const id of [leaf, branch, root]) await room.untilStatus(id, 'SUCCESS');
  });

  it('acquits who begins to wait: it keeps no suspect from the one place that they have', async () => {
    const [waiting, next] = [newId(), newId()];
    const answered = gate();
    let waits = 0;
    const room = await start(async (durable, { workflowId }) => {
      await durable.step('effect', async ({ whileWaiting }) => {
        if (workflowId === waiting) await whileWaiting(() => ((waits += 1), answered.opened));
      });
    });
    await room.database.transaction(async (tx) => {
      for (const [index, id] of [waiting, next].entries())
        await room.durable.accept(tx, { name: 'test-flow', id, input: { workflowId: id }, priority: index + 1 });
      // As after as many crashes as may be: one more, and it is given up.
      await tx.query(
        `UPDATE durable.workflow_status SET queue_name = 'suspects', recovery_attempts = 5 WHERE workflow_uuid = ANY($1)`,
        [[waiting, next]],
      );
    });
    await room.untilStatus(next, 'SUCCESS');
    expect(waits).toBe(1);
    const { rows } = await sql.query(
      `SELECT status, queue_name, recovery_attempts FROM durable.workflow_status WHERE workflow_uuid = $1`,
      [waiting],
    );
    expect(rows).toEqual([{ status: 'PENDING', queue_name: 'workflows', recovery_attempts: '1' }]);
    answered.open();
    await room.untilStatus(waiting, 'SUCCESS');
  });

  it('takes over the other executors, and sweeps the rest, when a listener fails for one', async () => {
    const room = await start(() => Promise.resolve());
    const recovery = room.context.get(Recovery);
    let sweeps = 0;
    recovery.onExecutorLost((id) => (id === 'a' ? Promise.reject(new Error('one bad row')) : Promise.resolve()));
    recovery.onSweep(() => Promise.reject(new Error('one bad part')));
    recovery.onSweep(() => Promise.resolve(void (sweeps += 1)));
    await insertSilentExecutors('a', 'b', 'c');
    // One of the background may be under way, beside which none is done.
    await until('the others are taken over', async () => {
      await sweep(room);
      const { b, c } = await executors();
      return b === 'gone' && c === 'gone' && sweeps > 0;
    });
    expect(await executors()).toMatchObject({ a: 'fenced' });
  });

  it('fences who is dead also while another sweeps, and nobody whose lock is held', async () => {
    const room = await start(() => Promise.resolve());
    const holder = await sql.connect();
    try {
      await holder.query('BEGIN');
      await until('the place of who sweeps is free', async () => {
        const { rows } = await holder.query<{ held: boolean }>(
          'SELECT pg_try_advisory_xact_lock($1) AS held, pg_advisory_xact_lock(2)',
          [ADVISORY_LOCKS.recoverySweep],
        );
        return rows[0]?.held === true;
      });
      await room.database.query(
        `INSERT INTO executors (id, status, lock_key, version, last_beat_at)
         SELECT id, 'live', ord, 'nyx-1', now() - interval '8 seconds' FROM unnest(ARRAY['dead', 'slow']) WITH ORDINALITY AS e(id, ord)`,
      );
      await sweep(room);
      const statuses = await room.database.query('SELECT id, status FROM executors WHERE id <> $1 ORDER BY id', [
        executorOf(room),
      ]);
      expect(statuses).toEqual([
        { id: 'dead', status: 'fenced' },
        { id: 'slow', status: 'live' },
      ]);
    } finally {
      await holder.query('ROLLBACK');
      holder.release();
    }
  });

  it('takes over who beat last before the clock of the database went back, and not at once', async () => {
    const room = await start(() => Promise.resolve());
    await room.database.query(
      `INSERT INTO executors (id, status, lock_key, version, last_beat_at) VALUES ('dead', 'live', 1, 'nyx-1', now() + interval '1 hour')`,
    );
    await sweep(room);
    expect(await executors()).toMatchObject({ dead: 'live' });
    await until('it is taken over', async () => (await executors()).dead === 'gone');
  });

  it('fences nobody right after the clock of the database went forward, by which all are silent', async () => {
    const room = await start(() => Promise.resolve());
    const { executor } = room.context.get(DurableEngine);
    const { clock } = executor as unknown as Liveness;
    const leap = (): void => void (clock.last = { ...clock.last, clockMs: clock.last.clockMs - 3_600_000 });
    expect(executor.canJudgeOthers).toBe(true);
    leap();
    await until('the next beat tells it', () => !executor.canJudgeOthers);

    await insertSilentExecutors('silent');
    clock.leaptMs = -Infinity;
    leap();
    await sweep(room);
    expect(executor.canJudgeOthers).toBe(false);
    await sweep(room);
    expect(await executors()).toEqual({ [executor.id]: 'live', silent: 'live' });

    clock.leaptMs -= 20_000;
    await until('it is taken over', () => sweep(room).then(async () => (await executors()).silent === 'gone'));
  });

  it('keeps nobody from clearing away old rows while its parts are at work', async () => {
    const room = await start(() => Promise.resolve());
    const seen: unknown[] = [];
    room.context.get(Recovery).onSweep(async () => {
      const { rows } = await sql.query<{ state: string; backend_xmin: string | null }>(
        `SELECT a.state, a.backend_xmin FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
          WHERE l.locktype = 'advisory' AND l.database = a.datid AND a.datname = current_database()
            AND (l.classid::bigint << 32) + l.objid::bigint = ${ADVISORY_LOCKS.recoverySweep}`,
      );
      seen.push(...rows);
    });
    await until('a sweep', () => sweep(room).then(() => seen.length > 0));
    expect(seen[0]).toEqual({ state: 'idle in transaction', backend_xmin: null });
  });

  it('fences nobody right after an outage, whom it could not see beating', async () => {
    const relay = await DatabaseRelay.before(database.url);
    try {
      const room = await start(() => Promise.resolve(), relay.url);
      const own = executorOf(room);
      const liveness = room.context.get(DurableEngine).executor as unknown as Liveness;
      relay.cut();
      // As after an outage that was longer than any executor's beat lasts.
      liveness.lastAcknowledgedMs = -Infinity;
      await insertSilentExecutors('silent');
      await sql.query(`UPDATE executors SET last_beat_at = now() - interval '1 minute'`);
      relay.resume();
      await until('the database answers', () =>
        room.database.query('SELECT 1').then(
          () => true,
          () => false,
        ),
      );
      await sweep(room);
      expect(await executors()).toEqual({ [own]: 'live', silent: 'live' });
      await until('this replica beats again', () => liveness.lastAcknowledgedMs > 0);
      await sweep(room);
      expect(await executors()).toEqual({ [own]: 'live', silent: 'live' });

      liveness.reconnectedMs -= 10_000;
      await until('it is taken over', () => sweep(room).then(async () => (await executors()).silent === 'gone'));
      expect(await executors()).toEqual({ [own]: 'live', silent: 'gone' });
    } finally {
      await fixture?.close();
      fixture = undefined;
      await relay.close();
    }
  });

  it('fences nobody while it does not see itself beating, also where its pool reaches the database', async () => {
    const room = await start(() => Promise.resolve());
    const { executor } = room.context.get(DurableEngine);
    const liveness = executor as unknown as Liveness;
    await until('it may judge', () => executor.canJudgeOthers);
    // It connects again as soon as nobody has its lock.
    await sql.query(
      `SELECT pg_terminate_backend(pid), pg_advisory_lock($1) FROM pg_locks
        WHERE locktype = 'advisory' AND (classid::bigint << 32) + objid::bigint = $1`,
      [executor.lockKey],
    );
    await until('it knows', () => !executor.canJudgeOthers);
    await insertSilentExecutors('silent');
    expect(executor.hasLease).toBe(true);
    await sweep(room);
    expect(await executors()).toEqual({ [executor.id]: 'live', silent: 'live' });

    await sql.query('SELECT pg_advisory_unlock_all()');
    await until('it is connected', () => liveness.reconnectedMs > 0);
    liveness.reconnectedMs -= 10_000;
    await until('it is taken over', () => sweep(room).then(async () => (await executors()).silent === 'gone'));
  });

  it('never runs more workflows at once than the limit when polls of one queue meet', async () => {
    const count = 4 * WORKER_CONCURRENCY;
    let [active, most, ended] = [0, 0, 0];
    const room = await start(async () => {
      active += 1;
      most = Math.max(most, active);
      await sleep(150);
      active -= 1;
      ended += 1;
    });
    await room.database.transaction(async (tx) => {
      for (let index = 0; index < count; index += 1) {
        const id = newId();
        await room.durable.accept(tx, { name: 'test-flow', id, input: { workflowId: id }, priority: 1 });
      }
    });
    const { queues } = room.context.get<DurableEngine, { queues: Map<string, WorkflowQueue> }>(DurableEngine);
    const queue = queues.get('workflows');
    if (queue === undefined) throw new Error('There is no queue of workflows.');
    await until('all ended', async () => {
      await Promise.all([pollNow(queue), pollNow(queue), pollNow(queue)]);
      return ended === count;
    });
    expect(most).toBeGreaterThan(WORKER_CONCURRENCY / 2);
    expect(most).toBeLessThanOrEqual(WORKER_CONCURRENCY);
  });
});
