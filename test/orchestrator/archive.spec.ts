import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '../../src/database/ids.js';
import { Archive } from '../../src/orchestrator/keeping/archive.js';
import { LOOSE } from '../../src/orchestrator/keeping/archived-tables.js';
import { Retention } from '../../src/orchestrator/keeping/retention.js';
import { restoreArchive } from '../../src/start/backup/restore-archive.js';
import { until } from '../support/until.js';
import { OrchestratorFixture, strategy } from './orchestrator-fixture.js';

const folder = mkdtempSync(join(tmpdir(), 'nyx-archive-'));
let fixture: OrchestratorFixture;
beforeAll(async () => {
  fixture = await OrchestratorFixture.start({ retention: { workflowsDays: 30, archiveDir: folder } });
}, 180_000);
afterAll(async () => {
  await fixture.close();
  rmSync(folder, { recursive: true });
});

const archives = (): string[] =>
  (readdirSync(folder, { recursive: true }) as string[])
    .filter((name) => name.endsWith('.gz'))
    .map((name) => join(folder, name));
const archiveOf = (name: string): string => archives().find((file) => file.includes(name)) ?? '';
const restore = async (file: string): ReturnType<typeof restoreArchive> => {
  const [row] = await fixture.database.query<{ name: string }>('SELECT current_database() AS name');
  const url = new URL(process.env.NYX_TEST_CLUSTER_URL ?? '');
  url.pathname = `/${row?.name ?? ''}`;
  return restoreArchive(url.href, file);
};

/** Every row of both schemas in whose text the id stands. */
async function rowsOf(id: string): Promise<Record<string, string[]>> {
  const tables = await fixture.database.query<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname IN ('public', 'durable')
        AND tablename NOT IN ('idempotency_keys', 'audit_log', 'notifications') ORDER BY 1`,
  );
  const found: Record<string, string[]> = {};
  for (const { name } of tables) {
    const rows = await fixture.database.query<{ row: string }>(
      `SELECT t::text AS row FROM ${name} AS t WHERE position($1 IN t::text) > 0 ORDER BY 1`,
      [id],
    );
    if (rows.length > 0) found[name] = rows.map(({ row }) => row);
  }
  return found;
}

const idsAre = async (table: string, ids: readonly string[]): Promise<number> =>
  (await fixture.database.query(`SELECT id FROM ${table} WHERE id::text = ANY($1)`, [ids])).length;

const ledgerOf = async (...calls: string[]): Promise<number> =>
  (await fixture.database.query('SELECT 1 FROM budget_ledger WHERE interaction_id = ANY($1)', [calls])).length;

/** Each kind that belongs to no workflow, whatever becomes of the others. @returns whether none is left @throws what the first did that failed */
async function eraseAllLoose(): Promise<boolean> {
  const retention = fixture.nyx.app.get(Retention);
  const ended = await Promise.allSettled(LOOSE.map((kind) => retention.eraseLoose(kind, Infinity)));
  const failed = ended.find((each) => each.status === 'rejected');
  if (failed !== undefined) throw failed.reason as Error;
  return ended.every((each) => each.status === 'fulfilled' && each.value);
}

it('what is too old is in a file before it is erased, and comes back as it was', async () => {
  const { workflow_id: id } = await fixture.execute(
    'Remember the word tangerine. Then compare tea with coffee.',
    strategy('parallel_execution'),
  );
  await until('its function has ended', async () => {
    const rows = await fixture.database.query(
      `SELECT 1 FROM durable.workflow_status WHERE status = 'PENDING' OR status = 'ENQUEUED'`,
    );
    const queue = await fixture.database.query('SELECT 1 FROM llm_usage_queue');
    return rows.length === 0 && queue.length === 0;
  });
  await fixture.database.query(
    `UPDATE workflows SET created_at = now() - interval '40 days', completed_at = completed_at - interval '40 days' WHERE id = $1`,
    [id],
  );
  const before = await rowsOf(id);
  expect(Object.keys(before)).toEqual(
    expect.arrayContaining(['public.workflows', 'public.agents', 'durable.workflow_status']),
  );
  const calls = await fixture.database.query<{ id: string }>('SELECT id FROM llm_interactions WHERE workflow_id = $1', [
    id,
  ]);
  const callsOfIt = calls.map((call) => call.id);
  expect(await ledgerOf(...callsOfIt)).toBe(callsOfIt.length);
  const retention = fixture.nyx.app.get(Retention);
  await until('it is erased', async () => {
    await retention.eraseOld(Infinity);
    return (await idsAre('workflows', [id])) === 0;
  });
  const file = archiveOf(id);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect((await rowsOf(id))['public.workflow_events']).toBeUndefined();
  expect(await ledgerOf(...callsOfIt)).toBe(0);

  await fixture.nyx.request('admin', 'PUT', '/api/v1/system/config/max_thought_tree_age_days', { config_value: 0 });
  // Its balance goes later, and comes back with it.
  const balance = (): Promise<object[]> =>
    fixture.database.query('SELECT * FROM budget_scopes WHERE kind = $1 AND key = $2', ['workflow', id]);
  const balanceBefore = await balance();
  expect(balanceBefore).toHaveLength(1);
  await fixture.database.query('DELETE FROM budget_scopes WHERE key = $1', [id]);
  const restored = await restore(file);
  expect(await balance()).toEqual(balanceBefore);
  expect(restored).toMatchObject({ there: 0 });
  expect(await rowsOf(id)).toEqual(before);
  expect(await ledgerOf(...callsOfIt)).toBe(callsOfIt.length);
  expect(await restore(file)).toMatchObject({ rows: 0, there: restored.rows });
  expect((await fixture.tree(id)).status).toBe('completed');
});

it('what cannot be written is not tried one by one, and stays', async () => {
  const [{ workflow_id: one }, { workflow_id: other }] = [
    await fixture.execute('One.'),
    await fixture.execute('Other.'),
  ];
  await until('both are settled', async () => {
    const rows = await fixture.database.query(
      `SELECT 1 FROM durable.workflow_status WHERE status IN ('PENDING', 'ENQUEUED') UNION ALL SELECT 1 FROM llm_usage_queue`,
    );
    return rows.length === 0;
  });
  await fixture.database.query(
    `UPDATE workflows SET created_at = now() - interval '40 days', completed_at = completed_at - interval '40 days' WHERE id = ANY($1)`,
    [[one, other]],
  );
  const keep = (days: number): Promise<Response> =>
    fixture.nyx.request('admin', 'PUT', '/api/v1/system/config/max_thought_tree_age_days', { config_value: days });
  const month = join(folder, new Date().toISOString().slice(0, 7));
  renameSync(month, `${month}-away`);
  writeFileSync(month, 'in the way of the folder');
  await keep(30);
  // The setting arrives by a notification.
  await until('it says so', () =>
    fixture.nyx.app
      .get(Retention)
      .eraseOld(Infinity)
      .then(
        () => false,
        (error: unknown) => String(error).includes('EEXIST'),
      ),
  );
  expect(await idsAre('workflows', [one, other])).toBe(2);
  await keep(0);
  rmSync(month);
  renameSync(`${month}-away`, month);
});

it('a file that is cut off, or something else, changes nothing', async () => {
  const cut = join(folder, 'cut');
  writeFileSync(cut, readFileSync(archives()[0] ?? ''));
  truncateSync(cut, statSync(cut).size - 100);
  await expect(restore(cut)).rejects.toThrow('is no whole archive of NYX');
  writeFileSync(cut, 'hello');
  await expect(restore(cut)).rejects.toThrow('is no whole archive of NYX');
  await expect(restore(join(folder, 'nothing'))).rejects.toThrow('cannot be read (ENOENT)');
});

it('of what belongs to no workflow the old ends, the young and what is not final stay', async () => {
  await fixture.nyx.request('operator', 'POST', '/api/v1/llm/generate', { user_prompt: 'Say hello.' });
  await fixture.nyx.request('operator', 'POST', '/api/v1/llm/generate', { user_prompt: 'Say good bye.' });
  await until('both are in the totals', async () => {
    return (await fixture.database.query('SELECT 1 FROM llm_usage_queue')).length === 0;
  });
  const calls = await fixture.database.query<{ id: string }>(
    'SELECT id FROM llm_interactions WHERE workflow_id IS NULL ORDER BY request_timestamp',
  );
  const [old = '', young = ''] = calls.map(({ id }) => id);
  const doubtful = newId();
  await fixture.database.query(
    `INSERT INTO llm_interactions (id, purpose, provider, model, status, prompt_text, request_timestamp)
     VALUES ($1, 'test', 'anthropic', 'm', 'in_doubt', 'what was asked', now() - interval '40 days')`,
    [doubtful],
  );
  await fixture.database.query(
    `UPDATE llm_interactions SET request_timestamp = now() - interval '40 days' WHERE id = $1`,
    [old],
  );
  const [heard, news] = [newId(), newId()];
  await fixture.database.query(
    `INSERT INTO outside_events (id, principal_id, type, source, created_at)
     VALUES ($1, 'p', 'file', 'test', now() - interval '40 days'), ($2, 'p', 'file', 'test', now())`,
    [heard, news],
  );
  const scopes = [newId(), newId(), newId(), newId()];
  const [spent, lasting, doubted, ofSession] = scopes;
  await fixture.database.query(
    `INSERT INTO budget_scopes (id, kind, key, own_limit_usd, spent_usd, in_doubt_usd, created_at, updated_at)
     SELECT id, kind, key, own, 1, doubt, now() - interval '50 days', now() - interval '41 days'
       FROM (VALUES ($1::uuid, 'workflow', $1::text, NULL::numeric, 0), ($2::uuid, 'system_day', '2020-01-01', 5, 0),
                    ($3::uuid, 'principal_day', 'p:2020-01-01', NULL, 1), ($4::uuid, 'session', 's', NULL, 0)) AS s (id, kind, key, own, doubt)`,
    scopes,
  );
  const gone = `gone ${newId()}`;
  await fixture.database.query(
    `INSERT INTO executors (id, status, lock_key, version, ended_at) VALUES ($1, 'gone', 1, '1', now() - interval '40 days')`,
    [gone],
  );

  expect(await eraseAllLoose()).toBe(true);
  expect(await idsAre('llm_interactions', [old, young, doubtful])).toBe(3);
  await fixture.nyx.request('admin', 'PUT', '/api/v1/system/config/max_thought_tree_age_days', { config_value: 30 });
  expect(await eraseAllLoose()).toBe(true);
  expect(await idsAre('llm_interactions', [old])).toBe(0);
  expect(await idsAre('llm_interactions', [young, doubtful])).toBe(2);
  expect(await ledgerOf(old)).toBe(0);
  expect(await ledgerOf(young)).toBe(1);
  expect(await idsAre('budget_scopes', [spent ?? ''])).toBe(0);
  expect(await idsAre('budget_scopes', [lasting ?? '', doubted ?? '', ofSession ?? ''])).toBe(3);
  expect(await idsAre('outside_events', [heard])).toBe(0);
  expect(await idsAre('outside_events', [news])).toBe(1);
  expect(await idsAre('executors', [gone])).toBe(0);
  expect(await fixture.database.query(`SELECT 1 FROM executors WHERE status = 'live'`)).toHaveLength(1);

  expect(await restore(archiveOf(heard))).toMatchObject({ rows: 1 });
  expect(await idsAre('outside_events', [heard])).toBe(1);
  expect(await restore(archiveOf(old))).toMatchObject({ rows: 2 });
  expect(await ledgerOf(old)).toBe(1);
});

it('calls, tool runs and outside events have days of their own, and go in batches into archives', async () => {
  await fixture.nyx.request('operator', 'POST', '/api/v1/llm/generate', { user_prompt: 'Say it again.' });
  await until('it is in the totals', async () => {
    return (await fixture.database.query('SELECT 1 FROM llm_usage_queue')).length === 0;
  });
  const [latest] = await fixture.database.query<{ id: string }>(
    'SELECT id FROM llm_interactions WHERE workflow_id IS NULL ORDER BY request_timestamp DESC LIMIT 1',
  );
  const call = latest?.id ?? '';
  const [doubtful, uncounted, run, running, gone] = [newId(), newId(), newId(), newId(), newId()];
  await fixture.database.query(
    `INSERT INTO llm_interactions (id, purpose, provider, model, status, prompt_text, request_timestamp)
     VALUES ($1, 'test', 'anthropic', 'm', 'in_doubt', 'p', now()), ($2, 'test', 'anthropic', 'm', 'failed', 'p', now())`,
    [doubtful, uncounted],
  );
  await fixture.database.query(
    `INSERT INTO llm_usage_queue (interaction_id, final_at) VALUES ($1, now() + interval '1 day')`,
    [uncounted],
  );
  await fixture.database.query(
    `INSERT INTO tool_executions (id, principal_id, executor_id, claim_id, tool_name, tool_class, status, completed_at)
     VALUES ($1, 'p', 'e', $1, 't', 'c', 'succeeded', now()), ($2, 'p', 'e', $2, 't', 'c', 'running', NULL)`,
    [run, running],
  );
  const heard = Array.from({ length: 201 }, () => newId());
  await fixture.database.query(
    `INSERT INTO outside_events (id, principal_id, type, source) SELECT id, 'p', 'file', 'test' FROM unnest($1::uuid[]) id`,
    [heard],
  );
  await fixture.database.query(
    `INSERT INTO executors (id, status, lock_key, version, ended_at) VALUES ($1, 'gone', 1, '1', now())`,
    [gone],
  );
  const ofWorkflows = await fixture.database.query<{ id: string }>(
    'SELECT id FROM llm_interactions WHERE workflow_id IS NOT NULL',
  );
  expect(ofWorkflows.length).toBeGreaterThan(0);
  const calls = ofWorkflows.map(({ id }) => id);
  const age = async (days: number): Promise<void> => {
    const ids = [call, doubtful, uncounted, run, running, gone, ...heard, ...calls];
    for (const [table, column] of [
      ['llm_interactions', 'request_timestamp'],
      ['tool_executions', 'started_at'],
      ['outside_events', 'created_at'],
      ['executors', 'ended_at'],
    ]) {
      await fixture.database.query(
        `UPDATE ${table} SET ${column} = now() - make_interval(days => $2) WHERE id::text = ANY($1)`,
        [ids, days],
      );
    }
  };
  const eraseLoose = async (callsDays: number, workflowsDays: number): Promise<void> => {
    Object.assign(fixture.nyx.config.retention, { callsDays });
    await fixture.nyx.request('admin', 'PUT', '/api/v1/system/config/max_thought_tree_age_days', {
      config_value: workflowsDays,
    });
    expect(await eraseAllLoose()).toBe(true);
  };

  await age(20);
  await eraseLoose(21, 10);
  expect(await idsAre('llm_interactions', [call])).toBe(1);
  expect(await idsAre('tool_executions', [run])).toBe(1);
  expect(await idsAre('outside_events', heard)).toBe(heard.length);
  expect(await idsAre('executors', [gone])).toBe(0);
  await eraseLoose(10, 0);
  expect(await idsAre('llm_interactions', [call])).toBe(0);
  expect(await ledgerOf(call)).toBe(0);
  expect(await idsAre('tool_executions', [run])).toBe(0);
  expect(await idsAre('outside_events', heard)).toBe(0);
  expect(await idsAre('llm_interactions', [doubtful, uncounted, ...calls])).toBe(2 + calls.length);
  expect(await idsAre('tool_executions', [running])).toBe(1);

  expect(await restore(archiveOf(call))).toMatchObject({ rows: 2 });
  expect(await ledgerOf(call)).toBe(1);
  expect(await restore(archiveOf(run))).toMatchObject({ rows: 1 });
  const batches = archives().filter((file) => heard.some((id) => file.includes(id)));
  expect(batches).toHaveLength(2);
  for (const file of batches) await restore(file);
  expect(await idsAre('outside_events', heard)).toBe(heard.length);

  await age(40);
  await eraseLoose(0, 30);
  expect(await idsAre('llm_interactions', [call])).toBe(1);
  expect(await idsAre('tool_executions', [run])).toBe(1);
  expect(await idsAre('outside_events', heard)).toBe(heard.length);
});

it('a kind that cannot go keeps no other', async () => {
  const [run, heard] = [newId(), newId()];
  await fixture.database.query(
    `INSERT INTO tool_executions (id, principal_id, executor_id, claim_id, tool_name, tool_class, status, started_at, completed_at)
     VALUES ($1, 'p', 'e', $1, 't', 'c', 'succeeded', now() - interval '50 days', now())`,
    [run],
  );
  await fixture.database.query(
    `INSERT INTO outside_events (id, principal_id, type, source, created_at) VALUES ($1, 'p', 'file', 'test', now() - interval '50 days')`,
    [heard],
  );
  Object.assign(fixture.nyx.config.retention, { callsDays: 45 });
  const month = join(folder, new Date().toISOString().slice(0, 7));
  const inTheWay = join(month, `tool_executions-${run}.ndjson.gz`);
  mkdirSync(inTheWay, { recursive: true });
  await expect(eraseAllLoose()).rejects.toThrow(/EISDIR/);
  expect(await idsAre('tool_executions', [run])).toBe(1);
  expect(await idsAre('outside_events', [heard])).toBe(0);
  rmSync(inTheWay, { recursive: true });
  expect(await eraseAllLoose()).toBe(true);
  expect(await idsAre('tool_executions', [run])).toBe(0);
});

it('writes heavy rows whole, and may take its time for them', async () => {
  const ids = Array.from({ length: 70 }, () => newId());
  await fixture.database.query(
    `INSERT INTO outside_events (id, principal_id, type, source, details)
     SELECT id, 'p', 'file', 'test', jsonb_build_object('text', repeat('x', 100000)) FROM unnest($1::uuid[]) id`,
    [ids],
  );
  const timeout = await fixture.database.transaction(async (tx) => {
    const source = { table: 'outside_events', which: 'WHERE t.id = ANY($1)', values: [ids] };
    await fixture.nyx.app.get(Archive).write(tx, 'heavy', [source]);
    return tx.query<{ timeout: string }>(`SELECT current_setting('idle_in_transaction_session_timeout') AS timeout`);
  });
  expect(timeout).toEqual([{ timeout: '1min' }]);
  await fixture.database.query('DELETE FROM outside_events WHERE id = ANY($1)', [ids]);
  expect(await restore(archiveOf('heavy'))).toMatchObject({ rows: ids.length });
  expect(await idsAre('outside_events', ids)).toBe(ids.length);
});

it('what cannot be archived is not erased', async () => {
  const heard = newId();
  await fixture.database.query(
    `INSERT INTO outside_events (id, principal_id, type, source, created_at) VALUES ($1, 'p', 'file', 'test', now() - interval '50 days')`,
    [heard],
  );
  Object.assign(fixture.nyx.config.retention, { callsDays: undefined });
  rmSync(folder, { recursive: true });
  writeFileSync(folder, 'a file where the folder was');
  await expect(eraseAllLoose()).rejects.toThrow(/EEXIST|ENOTDIR/);
  expect(await idsAre('outside_events', [heard])).toBe(1);
});
