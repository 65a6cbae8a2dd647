import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { AuditRetention1796101000100 } from '../../migrations/1796101000100-audit-retention.js';
import { verifyChain } from '../../src/auth/audit/audit-chain.js';
import { CUT_ACTION } from '../../src/auth/audit/audit-cut.js';
import { Audit } from '../../src/auth/audit/audit.service.js';
import { createDataSource } from '../../src/database/data-source.js';
import { Database } from '../../src/database/database.service.js';
import { newId } from '../../src/database/ids.js';
import { Recovery } from '../../src/durable/recovery.service.js';
import { AuditRetention } from '../../src/orchestrator/keeping/audit-retention.js';
import { Retention } from '../../src/orchestrator/keeping/retention.js';
import { restoreArchive } from '../../src/start/backup/restore-archive.js';
import { startApp, type TestApp } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { ensureBuilt } from '../support/process.js';
import { until } from '../support/until.js';

const DAYS = 30;
const folder = mkdtempSync(join(tmpdir(), 'nyx-audit-archive-'));
let database: TestDatabase;
let nyx: TestApp;
let sql: Database;

beforeAll(async () => {
  await ensureBuilt();
  database = await createTestDatabase();
  nyx = await startApp({
    database: { url: database.url },
    retention: { workflowsDays: 0, auditDays: DAYS, archiveDir: folder },
  });
  sql = nyx.app.get(Database);
  await firstSweep();
}, 300_000);
afterAll(async () => {
  await nyx.close();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

/** NYX cuts by itself in its first sweep, and not again for ten minutes: so that it does while nothing is old. */
async function firstSweep(): Promise<void> {
  const recovery = nyx.app.get(Recovery);
  let hasSwept = false;
  recovery.onSweep(() => Promise.resolve(void (hasSwept = true)));
  await until('NYX has swept', async () => {
    await recovery['sweep']();
    return hasSwept;
  });
}

const record = (count: number): Promise<void> =>
  nyx.app.get(Audit).recordAll(
    Array.from({ length: count }, () => ({
      actor: undefined,
      action: 'somethingOld',
      method: 'POST',
      path: '/',
      outcome: 'done' as const,
      address: undefined,
      requestId: undefined,
    })),
    sql,
  );

/** By who may switch the triggers off: what would be `days` old, with the hashes that it would have. */
const age = async (days: number): Promise<void> => {
  await sql.transaction(async (tx) => {
    await tx.client.query(`
      CREATE TEMP TABLE aged ON COMMIT DROP AS SELECT * FROM audit_log;
      ALTER TABLE audit_log DISABLE TRIGGER USER;
      DELETE FROM audit_log;
      ALTER TABLE audit_log ENABLE TRIGGER audit_log_chain;
    `);
    const source = await tx.client.query<{ body: string }>(
      `SELECT prosrc AS body FROM pg_proc WHERE proname = 'audit_log_chain'`,
    );
    const body = source.rows[0]?.body ?? '';
    const write = (text: string): Promise<unknown> =>
      tx.client.query(
        `CREATE OR REPLACE FUNCTION audit_log_chain() RETURNS trigger LANGUAGE plpgsql AS $body$${text}$body$`,
      );
    await write(body.replace('clock_timestamp()', `clock_timestamp() - interval '${days} days'`));
    await tx.client.query('INSERT INTO audit_log SELECT * FROM aged ORDER BY seq');
    await write(body);
    await tx.client.query('ALTER TABLE audit_log ENABLE TRIGGER USER');
  });
};

const forgetLastCut = (): Promise<void> =>
  sql.transaction(async (tx) => {
    await tx.query('ALTER TABLE audit_anchor DISABLE TRIGGER USER');
    await tx.query(`UPDATE audit_anchor SET cut_at = now() - interval '25 hours'`);
    await tx.query('ALTER TABLE audit_anchor ENABLE TRIGGER USER');
  });

const cut = (): Promise<boolean> => nyx.app.get(AuditRetention).cutOld(Infinity);
const count = async (which: string): Promise<number> =>
  (await sql.query<{ n: number }>(`SELECT count(*)::int AS n FROM audit_log WHERE ${which}`))[0]?.n ?? -1;
const archives = (): string[] =>
  (readdirSync(folder, { recursive: true }) as string[])
    .filter((name) => name.endsWith('.gz'))
    .map((name) => join(folder, name));
interface Line {
  table?: string;
  row?: { seq: number; hash: string };
}
const archived = (): { seq: number; hash: string }[] =>
  archives()
    .flatMap((file) => gunzipSync(readFileSync(file)).toString().trim().split('\n'))
    .map((line) => JSON.parse(line) as Line)
    .flatMap(({ table, row }) => (table === 'audit_log' && row ? [row] : []))
    .sort((a, b) => a.seq - b.seq);
const verify = async (...args: string[]): Promise<{ code: number; said: string }> => {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, ['dist/programs/audit-verify.js', ...args], {
      env: { ...process.env, DATABASE_URL: database.url, NODE_ENV: 'test' },
    });
    return { code: 0, said: stdout };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, said: stdout + stderr };
  }
};

/** The migration, as it is taken back and run again. */
async function migrate(direction: 'up' | 'down'): Promise<void> {
  const dataSource = await createDataSource({ url: database.url, poolSize: 1 }).initialize();
  const runner = dataSource.createQueryRunner();
  try {
    await runner.startTransaction();
    await new AuditRetention1796101000100()[direction](runner);
    await runner.commitTransaction();
  } finally {
    await runner.release();
    await dataSource.destroy();
  }
}

describe('retention of the audit log', () => {
  let heads: { seq: number; hash: string }[];

  it('leaves what is younger than the days', async () => {
    await record(2_500);
    expect(await cut()).toBe(true);
    expect(await count(`action = 'somethingOld'`)).toBe(2_500);
    expect(archives()).toEqual([]);
  });

  it('can be migrated away and back before anything was cut', async () => {
    await migrate('down');
    await expect(sql.query('DELETE FROM audit_log')).rejects.toThrow('only ever appended to');
    await migrate('up');
    expect(await sql.query('SELECT 1 FROM audit_anchor')).toEqual([]);
    expect((await verifyChain(sql)).brokenAt).toBeUndefined();
  });

  it('takes what is older in batches, into archives, and tells of it', async () => {
    await age(DAYS + 1);
    await record(3);
    heads = await sql.query('SELECT seq::float8 AS seq, hash FROM audit_log ORDER BY 1');
    const old = await count(`at < now() - interval '${DAYS} days'`);
    expect(old).toBe(heads.length - 3);
    expect((await verifyChain(sql)).brokenAt).toBeUndefined();
    expect(await cut()).toBe(true);

    // Of what is no full batch after the first cut, one day's worth is waited for.
    const batches = Math.floor(old / 1_000);
    const gone = batches * 1_000;
    expect(batches).toBeGreaterThan(1);
    expect(await count('true')).toBe(old - gone + 3 + batches);
    expect(archived()).toEqual(heads.slice(0, gone).map((head) => expect.objectContaining(head) as unknown));
    expect(archives()).toHaveLength(batches);
    const last = heads[gone - 1];
    const [told] = await sql.query<{ target: string; actor_id: string | null }>(
      `SELECT target, actor_id FROM audit_log WHERE action = $1 ORDER BY seq DESC LIMIT 1`,
      [CUT_ACTION],
    );
    expect(told).toEqual({ target: `seq=${last?.seq} hash=${last?.hash}`, actor_id: null });
    expect(await verifyChain(sql)).toMatchObject({ brokenAt: undefined, cutAt: last?.seq });
  });

  it('verifies what is left from the anchor, by the command too', async () => {
    const { cutAt = 0, head, entries } = await verifyChain(sql);
    const at = (seq: number): string => `${seq}:${heads.find((one) => one.seq === seq)?.hash}`;
    const whole = await verify(`${head?.seq}:${head?.hash}`);
    expect(whole.code).toBe(0);
    expect(whole.said).toContain(`The ${entries} entries of the audit log are as they were written.`);
    expect(whole.said).toContain(`Retention took those up to ${cutAt}; an entry tells of it.`);
    const seen = async (seq: number, hash = heads.find((one) => one.seq === seq)?.hash ?? ''): Promise<unknown> =>
      (await verifyChain(sql, { seq, hash })).hasSeen;
    expect(await seen(cutAt)).toBe(true);
    expect(await seen(cutAt + 1)).toBe(true);
    expect(await seen(cutAt, '0'.repeat(64))).toBe(false);
    expect(await seen(cutAt - 1)).toBeUndefined();
    expect(await verify(at(cutAt - 1))).toEqual({
      code: 1,
      said: expect.stringContaining('give one that was seen later') as string,
    });
  });

  it('goes on where it was: numbers and hashes of new entries follow', async () => {
    const { head } = await verifyChain(sql);
    await record(1);
    expect(await verifyChain(sql)).toMatchObject({ brokenAt: undefined, head: { seq: (head?.seq ?? 0) + 1 } });
  });

  it('what is archived is not put back into a log that is only appended to', async () => {
    await expect(restoreArchive(database.url, archives()[0] ?? '')).rejects.toThrow('which takes none back');
  });

  it.each([
    [
      'an entry after the anchor',
      'DELETE FROM audit_log WHERE seq = (SELECT seq + 1 FROM audit_anchor)',
      'only ever appended to',
    ],
    ['an anchor that goes back', 'UPDATE audit_anchor SET seq = seq - 1', 'only moves on'],
    ['an anchor that is no entry', `UPDATE audit_anchor SET seq = seq + 1, hash = 'x'`, 'is one of its entries'],
    ['the anchor', 'DELETE FROM audit_anchor', 'only moves on'],
    ['every anchor', 'TRUNCATE audit_anchor', 'only moves on'],
  ])('the database keeps %s', async (_what, statement, sentence) => {
    await expect(sql.query(statement)).rejects.toThrow(sentence);
  });

  it('nobody wipes the log by an anchor of their own', async () => {
    const forged = `UPDATE audit_anchor SET (seq, hash) = (SELECT seq, hash FROM audit_log ORDER BY seq OFFSET 5 LIMIT 1)`;
    await expect(sql.query(forged)).rejects.toThrow('tells of its anchor');
    const youngest = `UPDATE audit_anchor SET (seq, hash) = (SELECT seq, hash FROM audit_log ORDER BY seq DESC LIMIT 1)`;
    await expect(sql.query(youngest)).rejects.toThrow('older than a day');
  });

  it('shows that the entry which tells of the anchor is gone', async () => {
    await expect(
      sql.transaction(async (tx) => {
        await tx.query('ALTER TABLE audit_log DISABLE TRIGGER USER');
        await tx.query('DELETE FROM audit_log WHERE seq >= (SELECT told_seq FROM audit_anchor)');
        throw new Error(`broken at ${(await verifyChain(tx)).brokenAt}`);
      }),
    ).rejects.toThrow(/broken at \d+/);
  });

  it('takes nothing of a log that was tampered with, or it would look whole afterwards', async () => {
    const old = await count(`at < now() - interval '${DAYS} days'`);
    const outcome = (from: string, to: string): Promise<unknown> =>
      sql.transaction(async (tx) => {
        await tx.query('ALTER TABLE audit_log DISABLE TRIGGER USER');
        await tx.query(
          'UPDATE audit_log SET outcome = $2 WHERE outcome = $1 AND seq = (SELECT seq + 2 FROM audit_anchor)',
          [from, to],
        );
        await tx.query('ALTER TABLE audit_log ENABLE TRIGGER USER');
      });
    await forgetLastCut();
    await outcome('done', 'failed');
    expect(await cut()).toBe(true);
    expect(await count(`at < now() - interval '${DAYS} days'`)).toBe(old);
    await outcome('failed', 'done');
    expect(await verifyChain(sql)).toMatchObject({ brokenAt: undefined });
  });

  it('finds the anchor again when it was migrated away and back', async () => {
    const anchors = (): Promise<object[]> => sql.query('SELECT id, seq, hash, told_seq FROM audit_anchor');
    const [before, anchor] = [await verifyChain(sql), await anchors()];
    await migrate('down');
    await expect(sql.query('DELETE FROM audit_log WHERE seq <= (SELECT min(seq) FROM audit_log)')).rejects.toThrow(
      'only ever appended to',
    );
    await record(1);
    await migrate('up');
    expect(anchor).toHaveLength(1);
    expect(await anchors()).toEqual(anchor);
    expect(await verifyChain(sql)).toMatchObject({
      brokenAt: undefined,
      cutAt: before.cutAt,
      entries: before.entries + 1,
      head: { seq: (before.head?.seq ?? 0) + 1 },
    });
    await expect(sql.query('DELETE FROM audit_anchor')).rejects.toThrow('only moves on');
  });

  it('of two replicas at once one cuts, the other finds nothing', async () => {
    await forgetLastCut();
    const before = await count(`action = '${CUT_ACTION}'`);
    expect(await Promise.all([cut(), cut()])).toEqual([true, true]);
    expect(await count(`action = '${CUT_ACTION}'`)).toBe(before + 1);
    expect(await count(`at < now() - interval '${DAYS} days'`)).toBe(0);
    expect(await verifyChain(sql)).toMatchObject({ brokenAt: undefined });
    const seqs = archived().map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.map((_, index) => index + 1));
  });
});

it('sessions that ended are removed, also of who does not sign in again', async () => {
  const [user] = await sql.query<{ id: string }>('SELECT id FROM users LIMIT 1');
  const [ended, open] = [newId(), newId()];
  await sql.query(
    `INSERT INTO sessions (id, user_id, refresh_hash, expires_at)
     VALUES ($1, $3, 'a', now() - interval '1 second'), ($2, $3, 'b', now() + interval '1 day')`,
    [ended, open, user?.id],
  );
  const left = async (): Promise<string[]> =>
    (await sql.query<{ id: string }>('SELECT id FROM sessions WHERE id = ANY($1)', [[ended, open]])).map(
      ({ id }) => id,
    );
  expect(await nyx.app.get(Retention).removeExpiredSessions()).toBe(true);
  expect(await left()).toEqual([open]);
});
