import { createRequire } from 'node:module';
import { migrations } from '../../migrations/index.js';
import { configOf } from '../../src/config/load-config.js';
import { newId } from '../../src/database/ids.js';
import { checkDatabase } from '../../src/start/doctor/database-check.js';
import { createTestDatabase } from '../support/database.js';
import { olderRelease, type OlderRelease } from '../support/other-releases.js';
import { cleanUpProcesses, newDataDir, type NyxProcess } from '../support/process.js';
import { until } from '../support/until.js';
import { Chaos } from './chaos-fixture.js';
import { expectServes, expectTakenOver } from './upgrade.js';

const { version: VERSION } = createRequire(import.meta.url)('../../package.json') as { version: string };
const LAST_MIGRATION = migrations.at(-1)?.name;
const SEQUENTIAL = { execution_preferences: { strategy: 'sequential_decomposition' } };

describe('an upgrade of replicas one after the other', () => {
  let chaos: Chaos;
  let url: string;
  let old: OlderRelease;
  let staying: NyxProcess;

  beforeAll(async () => {
    old = await olderRelease('0.9.0');
    const database = await createTestDatabase({ empty: true });
    url = database.url;
    chaos = await Chaos.on(url, () => database.drop());
  }, 180_000);
  afterAll(async () => {
    await chaos.end();
    await cleanUpProcesses();
  });

  const hasLastMigration = async (): Promise<boolean> =>
    (await chaos.sql.query('SELECT 1 FROM migrations WHERE name = $1', [LAST_MIGRATION])).rowCount === 1;

  const versions = async (nyx: NyxProcess): Promise<string[]> =>
    (await chaos.replicas(nyx)).map(({ version, durable_version: durable }) => `${version} ${durable}`);

  /** The durable functions of these workflows, by the executor that has or ended them. */
  const holders = async (ids: readonly string[]): Promise<Record<string, number>> => {
    const { rows } = await chaos.sql.query<{ executor: string; n: number }>(
      `SELECT executor_id AS executor, count(*)::int AS n FROM durable.workflow_status WHERE workflow_uuid = ANY($1) GROUP BY 1`,
      [ids],
    );
    return Object.fromEntries(rows.map(({ executor, n }) => [executor, n]));
  };

  /** A workflow that an even older durable version began, on a replica that is lost. */
  const [stranded, lost] = [newId(), newId()];
  const insert = (executor: string, status: string): Promise<unknown> =>
    chaos.sql.query(
      `INSERT INTO executors (id, status, lock_key, version, last_beat_at) VALUES ($1, $2, 1, 'nyx-0', now())`,
      [executor, status],
    );
  const leaveOfOtherVersion = async (): Promise<void> => {
    await insert(lost, 'fenced');
    await chaos.sql.query(
      `INSERT INTO durable.workflow_status (workflow_uuid, status, name, application_version, executor_id, recovery_attempts, created_at, updated_at)
       VALUES ($1, 'PENDING', 'run-workflow', 'nyx-0', $2, 1, 0, 0)`,
      [stranded, lost],
    );
  };

  it('workflows begun on the old release end on the new one, exactly once, and the old one serves until its end', async () => {
    chaos.model.script({ match: { prompt: '<subtask>\nPart 2' }, hold: 'in hand' });
    const leaving = await chaos.startNyx({}, old.folder);
    expect(await hasLastMigration()).toBe(false);
    const [leavingReplica] = await chaos.replicas(leaving);
    const killed = await chaos.startNyx({}, old.folder);
    const killedReplica = (await chaos.replicas(killed)).find(({ id }) => id !== leavingReplica?.id);
    const begin = (nyx: NyxProcess): Promise<string> => chaos.accept(nyx, '[[subtasks:3]] [[chain]]', SEQUENTIAL);
    const begun = await Promise.all([begin(leaving), begin(leaving)]);
    await until('each of the old ones has some in hand', async () => {
      begun.push(await begin(killed), await begin(leaving));
      const held = await holders(begun);
      return [leavingReplica, killedReplica].every((replica) => (held[replica?.id ?? ''] ?? 0) > 0);
    });
    await chaos.model.waitFor(begun.length * 3);

    await leaveOfOtherVersion();
    staying = await chaos.startNyx();
    expect(await hasLastMigration()).toBe(true);
    expect(old.unknown).toBe(LAST_MIGRATION);
    const both = ['0.9.0 nyx-1', '0.9.0 nyx-1', `${VERSION} nyx-1`];
    for (const nyx of [leaving, killed, staying]) expect(await versions(nyx)).toEqual(both);

    // The old code on the new schema.
    await expectServes(chaos, leaving);
    await expectTakenOver(chaos, { leaving, killed, staying, begun });
    expect(await versions(staying)).toEqual([`${VERSION} nyx-1`]);
    // Only the steps that were in flight at the kill may be asked for again.
    const parts = chaos.model.requests.filter(({ prompt }) => prompt.includes('<subtask>\nPart 1'));
    expect(parts).toHaveLength(begun.length);
  }, 400_000);

  it('what another durable version began waits for it, and both the log and the doctor say so', async () => {
    const sentence = 'begun by another durable version (1 of nyx-0), and no replica of it runs';
    await until('the log says so', () => (staying.stdout() + staying.stderr()).includes(sentence));
    await until('its executor is settled', async () => {
      const { rows } = await chaos.sql.query<{ status: string }>('SELECT status FROM executors WHERE id = $1', [lost]);
      return rows[0]?.status === 'gone';
    });
    const config = configOf({ NODE_ENV: 'test', DATABASE_URL: url }, await newDataDir());
    const finding = async (): Promise<unknown> =>
      (await checkDatabase(config)).find(({ what }) => what === 'workflows') ?? 'none';
    expect(await finding()).toMatchObject({ state: 'wrong', says: expect.stringContaining(sentence) as string });
    const { rows } = await chaos.sql.query(
      `SELECT status, executor_id = $2 AS is_lost, recovery_attempts::int AS attempts FROM durable.workflow_status WHERE workflow_uuid = $1`,
      [stranded, lost],
    );
    expect(rows).toEqual([{ status: 'PENDING', is_lost: true, attempts: 1 }]);
    await insert(newId(), 'live');
    expect(await finding()).toBe('none');
  }, 120_000);
});
