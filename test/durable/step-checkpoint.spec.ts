import { setTimeout as sleep } from 'node:timers/promises';
import { newId } from '../../src/database/ids.js';
import type { EffectContext } from '../../src/durable/durable.types.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { DatabaseRelay } from '../support/database-relay.js';
import { until } from '../support/until.js';
import { DurableFixture, gate } from './durable-fixture.js';

describe('a checkpoint that an effect writes with its rows', () => {
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

  /** A flow of one such step and one without, with how often the effect ran and what the step gave back. */
  const startWith = async (url: string, effect: (context: EffectContext, own: DurableFixture) => Promise<string>) => {
    const seen = { runs: 0, results: [] as string[] };
    const own: DurableFixture = (room = await DurableFixture.start(url, async (durable) => {
      const result = await durable.step('with-rows', (context) => {
        seen.runs += 1;
        return effect(context, own);
      });
      seen.results.push(result, await durable.step('alone', () => Promise.resolve('alone')));
    }));
    await own.database.query('CREATE TABLE effects (value text NOT NULL)');
    return { own, seen };
  };
  const write = (own: DurableFixture, { fence, checkpoint }: EffectContext, value: string): Promise<void> =>
    own.database.transaction(async (tx) => {
      fence(tx);
      tx.send('INSERT INTO effects VALUES ($1)', [value]);
      await checkpoint(tx, value);
    });
  const effects = async (own: DurableFixture): Promise<string[]> =>
    (await own.database.query<{ value: string }>('SELECT value FROM effects')).map(({ value }) => value);
  const run = async (own: DurableFixture): Promise<string> => {
    const id = newId();
    await own.accept(id);
    await own.untilStatus(id, 'SUCCESS');
    return id;
  };

  it('is one as DBOS writes them', async () => {
    const { own, seen } = await startWith(database.url, async (context) => {
      await write(own, context, 'made');
      return 'made';
    });
    const id = await run(own);
    expect(seen).toEqual({ runs: 1, results: ['made', 'alone'] });
    const rows = await own.database.query<Record<string, unknown>>(
      'SELECT to_jsonb(o) AS step FROM durable.operation_outputs o WHERE workflow_uuid = $1 ORDER BY function_id',
      [id],
    );
    const [withRows, alone] = rows.map(({ step }) => step as Record<string, unknown>);
    expect(withRows?.application_name).toBe('nyx');
    const same = ['serialization', 'application_name', 'error', 'child_workflow_id', 'workflow_uuid'];
    for (const column of same) expect([column, withRows?.[column]]).toEqual([column, alone?.[column]]);
    expect(Object.keys(withRows ?? {}).filter((column) => withRows?.[column] === null)).toEqual(
      Object.keys(alone ?? {}).filter((column) => alone?.[column] === null),
    );
    expect(withRows).toMatchObject({
      function_name: 'with-rows',
      output: String(alone?.output).replace('alone', 'made'),
    });
    for (const column of ['started_at_epoch_ms', 'completed_at_epoch_ms', 'retention_timestamp'])
      expect(Math.abs(Number(withRows?.[column]) - Date.now())).toBeLessThan(600_000);
  });

  it('holds when the database went away between its commit and the answer: the effect is not run again', async () => {
    const { own, seen } = await startWith(relay.url, async (context) => {
      await write(own, context, 'made');
      return 'made';
    });
    const lost = relay.loseCommitOf('INSERT INTO effects');
    await run(own);
    await lost;
    expect(seen).toEqual({ runs: 1, results: ['made', 'alone'] });
    expect(await effects(own)).toEqual(['made']);
  });

  it('holds when the effect fails after it', async () => {
    const { own, seen } = await startWith(database.url, async (context) => {
      await write(own, context, 'made');
      throw new Error('after the commit');
    });
    await run(own);
    expect(seen).toEqual({ runs: 1, results: ['made', 'alone'] });
  });

  it('goes back with the rows: then the effect is run again, and its result is another', async () => {
    const { own, seen } = await startWith(database.url, async (context) => {
      const value = `made in run ${seen.runs}`;
      await own.database.transaction(async (tx) => {
        context.fence(tx);
        tx.send('INSERT INTO effects VALUES ($1)', [value]);
        await context.checkpoint(tx, value);
        if (seen.runs === 1) throw Object.assign(new Error('Connection terminated'), { code: 'ECONNRESET' });
      });
      return value;
    });
    await run(own);
    expect(seen).toEqual({ runs: 2, results: ['made in run 2', 'alone'] });
    expect(await effects(own)).toEqual(['made in run 2']);
  });

  it('is not written by who lost the function, nor are its rows; nor does that one go on with what another wrote', async () => {
    let tries = 0;
    const late = gate();
    const { own, seen } = await startWith(database.url, async (context) => {
      const value = `by try ${(tries += 1)}`;
      if (value !== 'by try 1') {
        await write(own, context, value);
        return value;
      }
      await own.database.query(
        `UPDATE durable.workflow_status SET status = 'ENQUEUED', owner_xid = NULL, started_at_epoch_ms = NULL WHERE status = 'PENDING'`,
      );
      await until('another run has written', async () => (await effects(own)).length > 0);
      await write(own, context, value).finally(late.open);
      return value;
    });
    await run(own);
    await late.opened;
    await sleep(200);
    expect(await effects(own)).toEqual(['by try 2']);
    expect(seen).toEqual({ runs: 2, results: ['by try 2', 'alone'] });
  });
});
