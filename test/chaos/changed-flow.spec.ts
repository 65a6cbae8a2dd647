import { createRequire } from 'node:module';
import { createTestDatabase } from '../support/database.js';
import { CHANGED_WAY, newerRelease } from '../support/other-releases.js';
import { cleanUpProcesses, type NyxProcess } from '../support/process.js';
import { until } from '../support/until.js';
import { Chaos } from './chaos-fixture.js';
import { expectCompleted, expectServes } from './upgrade.js';

const { version: TODAY } = createRequire(import.meta.url)('../../package.json') as { version: string };
const NEXT = '99.0.0';
const SEQUENTIAL = { execution_preferences: { strategy: 'sequential_decomposition' } };

/** This release is the old one here, and what follows it has another flow and a schema that this one does not know. */
describe('an upgrade to a release whose flow has changed', () => {
  let chaos: Chaos;

  beforeEach(async () => {
    const database = await createTestDatabase();
    chaos = await Chaos.on(database.url, () => database.drop());
    chaos.model.script({ match: { prompt: '<subtask>\nPart 2' }, hold: 'in hand' });
  });
  afterEach(async () => {
    await chaos.end();
    await cleanUpProcesses();
  });

  /** The model is held for longer than a call may usually take. */
  const start = (release?: string): Promise<NyxProcess> =>
    chaos.startNyx({ LLM_FIRST_TOKEN_TIMEOUT_SECONDS: '3600' }, release);
  const begin = (nyx: NyxProcess): Promise<string> => chaos.accept(nyx, '[[subtasks:3]] [[chain]]', SEQUENTIAL);

  /** The ids of a release's executors that are live or draining. */
  const executors = async (version: string): Promise<string[]> => {
    const { rows } = await chaos.sql.query<{ id: string }>(
      `SELECT id FROM executors WHERE release = $1 AND status IN ('live', 'draining')`,
      [version],
    );
    return rows.map(({ id }) => id);
  };

  interface Function {
    readonly id: string;
    readonly status: string;
    readonly executor: string;
    readonly version: string;
  }
  const functions = async (ids: readonly string[]): Promise<Function[]> =>
    (
      await chaos.sql.query<Function>(
        `SELECT workflow_uuid AS id, status, executor_id AS executor, application_version AS version
           FROM durable.workflow_status WHERE workflow_uuid = ANY($1) ORDER BY 1`,
        [ids],
      )
    ).rows;

  /** Begins workflows until each of these executors has some in hand, and all that are begun wait for their model. */
  const beginOn = async (nyx: NyxProcess, holders: readonly string[]): Promise<string[]> => {
    const begun: string[] = [];
    await until('each of them has some in hand', async () => {
      begun.push(await begin(nyx));
      const held = (await functions(begun)).filter(({ status }) => status === 'PENDING');
      return holders.every((holder) => held.some(({ executor }) => executor === holder));
    });
    await until('all wait for their model', async () => (await waiting(begun)).length === begun.length);
    return begun;
  };
  const waiting = async (ids: readonly string[]): Promise<string[]> => {
    const { rows } = await chaos.sql.query<{ id: string }>(
      `SELECT DISTINCT workflow_id AS id FROM llm_interactions
        WHERE workflow_id = ANY($1) AND status = 'sent' AND prompt_text LIKE '%<subtask>%Part 2%'`,
      [ids],
    );
    return rows.map(({ id }) => id);
  };

  const changedWays = async (): Promise<string[]> => {
    const { rows } = await chaos.sql.query<{ id: string }>(`SELECT workflow_id AS id FROM ${CHANGED_WAY} ORDER BY 1`);
    return rows.map(({ id }) => id);
  };

  it('what the old one began goes the old way to its end on the new one, and what the new one began the new way', async () => {
    const [leaving, killed] = [await start(), await start()];
    const ofOld = await beginOn(leaving, await executors(TODAY));

    const next = await start(await newerRelease(NEXT));
    for (const nyx of [leaving, killed, next]) await expectServes(chaos, nyx, ['system/replicas']);
    const ofBoth = await beginOn(next, await executors(NEXT));
    const [executor] = await executors(NEXT);
    const ofNew = (await functions(ofBoth)).filter((each) => each.executor === executor).map(({ id }) => id);
    expect(await changedWays()).toEqual(expect.arrayContaining(ofNew));

    await chaos.kill(killed);
    leaving.kill('SIGTERM');
    await until('it begins nothing any more', async () => {
      const { rows } = await chaos.sql.query(`SELECT FROM executors WHERE release = $1 AND status = 'draining'`, [
        TODAY,
      ]);
      return rows.length === 1;
    });
    chaos.model.release('in hand');
    expect(await leaving.exited).toMatchObject({ code: 0 });
    await expectCompleted(chaos, next, [...ofOld, ...ofBoth]);
    const ways = (await changedWays()).filter((id) => [...ofOld, ...ofNew].includes(id));
    expect(ways).toEqual([...ofNew].sort());
    expect(await executors(TODAY)).toEqual([]);
  }, 400_000);

  it('with another durable version each ends its own, and what the old one left waits for an old one', async () => {
    const old = await start();
    const ofOld = await beginOn(old, await executors(TODAY));
    const next = await start(await newerRelease(NEXT, 'nyx-next'));
    for (const nyx of [old, next]) await expectServes(chaos, nyx, ['system/replicas']);
    const ofNew = await beginOn(next, await executors(NEXT));
    const [oldExecutor = ''] = await executors(TODAY);
    const [nextExecutor = ''] = await executors(NEXT);
    const heldBy = (executor: string, version: string, ids: readonly string[]): Function[] =>
      [...ids].sort().map((id) => ({ id, status: 'PENDING', executor, version }));
    expect(await functions(ofNew)).toEqual(heldBy(nextExecutor, 'nyx-next', ofNew));

    await chaos.kill(old);
    await until(
      'its executor is settled',
      async () => {
        const { rows } = await chaos.sql.query(`SELECT 1 FROM executors WHERE id = $1 AND status = 'gone'`, [
          oldExecutor,
        ]);
        return rows.length === 1;
      },
      60_000,
    );
    expect(await functions(ofOld)).toEqual(heldBy(oldExecutor, 'nyx-1', ofOld));
    chaos.model.release('in hand');
    await expectCompleted(chaos, next, ofNew);
    expect(await functions(ofOld)).toEqual(heldBy(oldExecutor, 'nyx-1', ofOld));

    const again = await start();
    await expectCompleted(chaos, next, ofOld);
    const [againExecutor] = await executors(TODAY);
    expect((await functions(ofOld)).map(({ executor }) => executor)).toEqual(ofOld.map(() => againExecutor));
    expect((await functions(ofNew)).map(({ executor }) => executor)).toEqual(ofNew.map(() => nextExecutor));
    await expectServes(chaos, again, ['system/replicas']);
    expect((await changedWays()).filter((id) => [...ofOld, ...ofNew].includes(id))).toEqual([...ofNew].sort());
  }, 400_000);
});
