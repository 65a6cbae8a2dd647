import pg from 'pg';
import { newId } from '../../src/database/ids.js';
import { ClientSql } from '../../src/database/sql.js';
import { Problem } from '../../src/http/problem.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { until } from '../support/until.js';
import { DurableFixture, gate, type Flow } from './durable-fixture.js';

describe('durable functions', () => {
  let database: TestDatabase;
  let sql: pg.Pool;
  let fixture: DurableFixture | undefined;

  beforeEach(async () => {
    database = await createTestDatabase();
    sql = new pg.Pool({ connectionString: database.url, max: 1 });
    await sql.query('CREATE TABLE notes (workflow_id uuid, note text)');
  });
  afterEach(async () => {
    await fixture?.close();
    fixture = undefined;
    await sql.end();
    await database.drop();
  });

  const start = async (flow: Flow): Promise<DurableFixture> =>
    (fixture = await DurableFixture.start(database.url, flow));
  const restart = async (flow: Flow): Promise<DurableFixture> => {
    await fixture?.close();
    return start(flow);
  };
  const notes = async (): Promise<string[]> =>
    (await sql.query<{ note: string }>('SELECT note FROM notes ORDER BY note')).rows.map(({ note }) => note);

  it('runs what was accepted if and only if the transaction committed', async () => {
    const ran: string[] = [];
    const {
      database: db,
      durable,
      accept,
      untilStatus,
    } = bound(await start((_durable, { workflowId }) => Promise.resolve(void ran.push(workflowId))));
    const [refused, accepted] = [newId(), newId()];
    await expect(
      db.transaction(async (tx) => {
        await durable.accept(tx, { name: 'test-flow', id: refused, input: { workflowId: refused }, priority: 1 });
        throw new Error('the row of the caller is refused');
      }),
    ).rejects.toThrow('refused');
    await accept(accepted);
    await untilStatus(accepted, 'SUCCESS');
    expect(ran).toEqual([accepted]);
  });

  it('commits rows and checkpoint together, one transaction a step', async () => {
    const spent = gate();
    const { accept, untilStatus } = bound(
      await start(async (durable, { workflowId }) => {
        await spent.opened;
        for (let step = 0; step < 10; step += 1) {
          await durable.commit(`note ${step}`, async (tx) => {
            await tx.query('INSERT INTO notes VALUES ($1, $2)', [workflowId, `${step}:${await xid(tx)}`]);
          });
        }
      }),
    );
    const id = newId();
    await accept(id);
    spent.open();
    await untilStatus(id, 'SUCCESS');
    const written = await notes();
    expect(new Set(written.map((note) => note.split(':')[1])).size).toBe(10);
    const { rows } = await sql.query<{ xids: string[] }>(
      `SELECT array_agg(xmin::text ORDER BY function_id) AS xids FROM durable.operation_outputs WHERE workflow_uuid = $1`,
      [id],
    );
    expect(rows[0]?.xids).toEqual(written.map((note) => note.split(':')[1]));
  });

  it('gives finished steps back after a hand-over instead of running them again, at the cost of no attempt', async () => {
    let effects = 0;
    const reached = gate();
    const id = newId();
    const flow =
      (hold: boolean): Flow =>
      async (durable, { workflowId }) => {
        const number = await durable.step('effect', () => Promise.resolve((effects += 1)));
        if (hold) {
          await durable.step('slow', async ({ signal }) => {
            reached.open();
            await new Promise((resolve) => setTimeout(resolve, 300));
            expect(signal.aborted).toBe(false);
          });
        }
        await durable.commit('note', (tx) =>
          tx.query('INSERT INTO notes VALUES ($1, $2)', [workflowId, `effect ${number}`]),
        );
      };
    await (await start(flow(true))).accept(id);
    await reached.opened;
    const { untilStatus } = bound(await restart(flow(true)));
    const { attempts } = await untilStatus(id, 'SUCCESS');
    expect(effects).toBe(1);
    expect(await notes()).toEqual(['effect 1']);
    expect(attempts).toBeLessThanOrEqual(1);
  });

  it('throws a stored problem the same way in the first run and in a replay', async () => {
    const seen: unknown[] = [];
    const reached = gate();
    const id = newId();
    const flow: Flow = async (durable) => {
      try {
        await durable.step('refused', () =>
          Promise.reject(new Problem('BUDGET_EXCEEDED', 'No money is left.', { extensions: { scope: 'workflow' } })),
        );
      } catch (error) {
        seen.push(error);
      }
      await durable.step('later', async () => {
        reached.open();
        await new Promise((resolve) => setTimeout(resolve, 100));
      });
      await durable.step('last', () => Promise.resolve(1));
    };
    await (await start(flow)).accept(id);
    await reached.opened;
    await (await restart(flow)).untilStatus(id, 'SUCCESS');
    expect(seen).toHaveLength(2);
    for (const problem of seen) {
      expect(problem).toBeInstanceOf(Problem);
      expect(problem).toMatchObject({ code: 'BUDGET_EXCEEDED', options: { extensions: { scope: 'workflow' } } });
    }
  });

  it('ends on the newer flow what an older one began', async () => {
    const reached = gate();
    const id = newId();
    const older: Flow = async (durable) => {
      await durable.step('first', () => Promise.resolve('old'));
      await durable.step('wait', async () => {
        reached.open();
        await new Promise((resolve) => setTimeout(resolve, 100));
      });
      await durable.step('end of the older flow', () => Promise.resolve(0));
    };
    const newer: Flow = async (durable, { workflowId }) => {
      const isNew = await durable.patched('a step before the first');
      if (isNew) await durable.step('before', () => Promise.resolve('new'));
      const first = await durable.step('first', () => Promise.resolve('new'));
      await durable.step('wait', () => Promise.resolve());
      await durable.commit('note', (tx) =>
        tx.query('INSERT INTO notes VALUES ($1, $2)', [workflowId, `${first}, ${isNew ? 'patched' : 'not patched'}`]),
      );
    };
    await (await start(older)).accept(id);
    await reached.opened;
    const { accept, untilStatus } = bound(await restart(newer));
    await untilStatus(id, 'SUCCESS');
    expect(await notes()).toEqual(['old, not patched']);
    const another = newId();
    await accept(another);
    await untilStatus(another, 'SUCCESS');
    expect(await notes()).toEqual(['new, patched', 'old, not patched']);
  });

  it('takes the right to write from a replica that others took for dead, which goes on under a new id', async () => {
    const id = newId();
    const reached = gate();
    const goOn = gate();
    const fences: string[] = [];
    let runs = 0;
    const { accept, untilStatus } = bound(
      await start(async (durable, { workflowId }) => {
        await durable.step('effect', async ({ fence }) => {
          const run = (runs += 1);
          reached.open();
          await goOn.opened;
          const client = new pg.Client({ connectionString: database.url });
          await client.connect();
          try {
            await new ClientSql(client).whole((tx) => {
              fence(tx);
            });
            fences.push(`${run} may write`);
          } catch (error) {
            fences.push(`${run} may not write`);
            throw error;
          } finally {
            await client.end();
          }
        });
        await durable.commit('note', (tx) => tx.query('INSERT INTO notes VALUES ($1, $2)', [workflowId, 'once']));
      }),
    );
    await accept(id);
    await reached.opened;
    const before = await sql.query<{ id: string }>(`UPDATE executors SET status = 'fenced' RETURNING id`);
    const liveNow = async (): Promise<string | undefined> =>
      (await sql.query<{ id: string }>(`SELECT id FROM executors WHERE status = 'live'`)).rows[0]?.id;
    while ((await liveNow()) === undefined) await new Promise((resolve) => setTimeout(resolve, 50));
    goOn.open();
    await untilStatus(id, 'SUCCESS');
    expect(await notes()).toEqual(['once']);
    // Both are at it at once, and either may be the first to know.
    await until('both know', () => fences.length === 2);
    expect(fences.sort()).toEqual(['1 may not write', '2 may write']);
    expect(await liveNow()).not.toBe(before.rows[0]?.id);
  });
});

const xid = async (tx: { query<Row>(text: string): Promise<Row[]> }): Promise<string> =>
  (await tx.query<{ xid: string }>('SELECT pg_current_xact_id()::text AS xid'))[0]?.xid ?? '';

const bound = (fixture: DurableFixture) => ({
  database: fixture.database,
  durable: fixture.durable,
  accept: (id: string) => fixture.accept(id),
  untilStatus: (id: string, status: string) => fixture.untilStatus(id, status),
});
