import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Audit } from '../../src/auth/audit/audit.service.js';
import type { AuditEntryView, AuditPage } from '../../src/auth/audit/audit.dto.js';
import { Refusals } from '../../src/auth/audit/refusals.js';
import { verifyChain } from '../../src/auth/audit/audit-chain.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type Answer, bearer, call, expectProblem, login } from '../http/client.js';
import { ADMIN, DEPLOYMENT_KEY, startProbeApp, type ProbeApp } from '../http/probe-app.js';

let database: TestDatabase;
let probe: ProbeApp;
let admin: Record<string, string>;
const api = (path: string): string => `${probe.url}/api/v1/auth/${path}`;
const audit = (query = ''): Promise<Answer<AuditPage>> => call(api(`audit${query}`), { headers: admin });
const entries = async (query = '?limit=200'): Promise<AuditEntryView[]> => (await audit(query)).body.items;
const sql = <Row>(text: string, values?: unknown[]): Promise<Row[]> => probe.database.query<Row>(text, values);

beforeAll(async () => {
  database = await createTestDatabase();
  probe = await startProbeApp(database.url);
  admin = bearer((await login(probe.url, ADMIN.username, ADMIN.password)).access_token);
});
afterAll(async () => {
  await probe.close();
  await database.drop();
});

/** Ends what tells refusals as a number once a minute: nobody else writes an entry then. */
const tellNothingMore = (): Promise<void> => probe.app.get(Refusals).onModuleDestroy();

describe('the audit log', () => {
  it('has every change: who, what, to what, from where, and how it ended', async () => {
    const body = { name: 'on record', role: 'viewer' };
    const made = await call<{ id: string; key: string }>(api('api-keys'), {
      headers: { ...admin, 'x-request-id': 'made-here' },
      body,
    });
    await call(api(`api-keys/${made.body.id}`), {
      method: 'DELETE',
      headers: { ...admin, 'x-request-id': 'gone-here' },
    });
    const found = await entries();
    const of = (requestId: string): AuditEntryView[] => found.filter(({ request_id }) => request_id === requestId);
    expect(of('made-here')).toEqual([
      expect.objectContaining({ outcome: 'done', status: 201, action: 'createApiKey', method: 'POST' }),
      expect.objectContaining({ outcome: 'begun', status: null, path: '/api/v1/auth/api-keys', address: '127.0.0.1' }),
    ]);
    expect(of('gone-here')[0]).toMatchObject({
      actor: { username: 'admin', kind: 'user', role: 'admin' },
      action: 'deleteApiKey',
      target: `id=${made.body.id}`,
      outcome: 'done',
      status: 204,
    });
    expect(JSON.stringify(found)).not.toContain(made.body.key);
  });

  it('has who signed in, and who did not', async () => {
    await login(probe.url, ADMIN.username, ADMIN.password);
    await call(api('login'), { body: { username: ADMIN.username, password: 'a wrong one for the log' } });
    const [refused, done] = await entries('?action=login');
    expect(done).toMatchObject({ outcome: 'done', actor: { username: 'admin' } });
    expect(refused).toMatchObject({ outcome: 'refused', status: 401, error_code: 'UNAUTHENTICATED', actor: null });
    expect(JSON.stringify(await entries())).not.toContain('a wrong one for the log');
  });

  it('has every refusal: without credentials, of the role, of a bad body', async () => {
    await call(api('users'));
    await call(api('users'), { headers: { 'x-api-key': DEPLOYMENT_KEY } });
    await call(api('users'), { headers: admin, body: { username: 'x' } });
    const refused = await entries('?outcome=refused&limit=3');
    expect(refused.map(({ status, action, actor }) => [status, action, actor?.username ?? null])).toEqual([
      [400, 'createUser', 'admin'],
      [403, 'listUsers', 'deployment'],
      [401, 'listUsers', null],
    ]);
  });

  it('tells many refusals of one address as a number', async () => {
    for (let round = 0; round < 60; round += 1) await call(api('me'), { headers: { 'x-api-key': `wrong-${round}` } });
    const [row] = await sql<{ count: number }>(
      `SELECT count(*)::int AS count FROM audit_log WHERE action = 'getMe' AND outcome = 'refused'`,
    );
    expect(row?.count).toBeLessThanOrEqual(20);
  });

  it('tells refusals of who is signed in by their name, whoever else is refused at their address', async () => {
    for (let round = 0; round < 30; round += 1) await call(api('me'), { headers: { 'x-api-key': `noise-${round}` } });
    await call(api('users/019ab0c4-5d6e-7f80-9123-456789abcdef'), {
      method: 'DELETE',
      headers: { 'x-api-key': DEPLOYMENT_KEY },
    });
    const [entry] = await entries('?action=deleteUser');
    expect(entry).toMatchObject({ outcome: 'refused', status: 403, actor: { username: 'deployment' } });
  });

  it('takes no more of strangers than a number, from however many addresses they come', async () => {
    const refusals = new Refusals(probe.app.get(Audit));
    const act = { actor: undefined, action: 'flood', method: 'POST', path: '/', requestId: undefined };
    for (let n = 0; n < 1_300; n += 1) {
      const address = `2001:db8:0:${n.toString(16)}::1`;
      await refusals.note({ ...act, address }, { status: 401, errorCode: 'UNAUTHENTICATED' });
    }
    await refusals.onModuleDestroy();
    const [row] = await sql<{ rows: number; refusals: number }>(
      `SELECT count(*)::int AS rows, sum(repeated)::int AS refusals FROM audit_log WHERE action = 'flood'`,
    );
    expect(row).toEqual({ rows: 1_001, refusals: 1_300 });
  });

  it('holds no control characters, whoever sends some', async () => {
    await call(api(`api-keys/${encodeURIComponent('x\u001fdone\u001f200\u001b[2J')}`), {
      method: 'DELETE',
      headers: admin,
    });
    const [refused] = await entries('?outcome=refused&action=deleteApiKey');
    expect(refused?.target).toBe('id=x\uFFFDdone\uFFFD200\uFFFD[2J');
    expect(await verifyChain(probe.database)).toMatchObject({ brokenAt: undefined });
  });

  it('is for admins, in pages, and answers what it is asked for', async () => {
    expectProblem(await call(api('audit'), { headers: { 'x-api-key': DEPLOYMENT_KEY } }), 403, 'FORBIDDEN');
    const first = await audit('?limit=2');
    const next = await audit(`?limit=2&cursor=${first.body.next_cursor}`);
    const numbers = [...first.body.items, ...next.body.items].map(({ seq }) => seq);
    expect(numbers).toEqual([...numbers].sort((a, b) => b - a));
    expect(new Set(numbers).size).toBe(4);
    expect(await entries('?to=2020-01-01T00:00:00Z')).toEqual([]);
    const [{ actor } = { actor: null }] = await entries('?action=createApiKey&outcome=done');
    expect(
      (await entries(`?actor_id=${actor?.id}&action=createUser`)).every((entry) => entry.actor?.id === actor?.id),
    ).toBe(true);
  });

  it.each([
    '?outcome=none',
    '?cursor=x',
    '?limit=0',
    '?from=yesterday',
    '?actor_id=',
    "?action=%27%3B--&cursor='",
    '?from=0000-01-01T00:00:00Z',
    '?to=2026-01-01T00:00:00%2B23:59',
    '?to=9999-12-31T23:59:59-14:00',
  ])('refuses %s', async (query) => {
    expectProblem(await audit(query), 400, 'VALIDATION_ERROR');
  });

  it('keeps numbers without a gap when many write at once', async () => {
    const record = (n: number) =>
      probe.app.get(Audit).record({
        actor: undefined,
        action: `at-once-${n}`,
        method: 'POST',
        path: '/',
        outcome: 'done',
        address: undefined,
        requestId: undefined,
      });
    await Promise.all(Array.from({ length: 100 }, (_, n) => record(n)));
    expect(await verifyChain(probe.database)).toMatchObject({ brokenAt: undefined });
  });

  it('rolls back with the change it tells of', async () => {
    await tellNothingMore();
    const before = (await verifyChain(probe.database)).entries;
    const entry = { actor: undefined, action: 'x', method: 'POST', path: '/', outcome: 'done' } as const;
    await expect(
      probe.database.transaction(async (tx) => {
        await probe.app.get(Audit).record({ ...entry, address: undefined, requestId: undefined }, tx);
        throw new Error('The change failed.');
      }),
    ).rejects.toThrow('The change failed.');
    expect(await verifyChain(probe.database)).toMatchObject({ entries: before, brokenAt: undefined });
  });

  it.each([`UPDATE audit_log SET actor_name = 'someone else'`, 'DELETE FROM audit_log', 'TRUNCATE audit_log'])(
    'is only appended to: %s',
    async (statement) => {
      await expect(sql(statement)).rejects.toThrow('only ever appended to');
    },
  );
});

describe('tampering by whoever may switch the trigger off', () => {
  const tampered = async (statement: string): Promise<void> => {
    await sql('ALTER TABLE audit_log DISABLE TRIGGER USER');
    await sql(statement);
    await sql('ALTER TABLE audit_log ENABLE TRIGGER USER');
  };
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

  it('shows: first none was, then an entry is changed, one is missing, and the end is cut off', async () => {
    await tellNothingMore();
    const { head } = await verifyChain(probe.database);
    const seen = `${head?.seq}:${head?.hash}`;
    expect(await verify(seen)).toEqual({ code: 0, said: expect.stringContaining(`: ${seen}`) as string });

    await tampered(`UPDATE audit_log SET actor_name = 'mallory' WHERE seq = 3`);
    expect((await verifyChain(probe.database)).brokenAt).toBe(3);
    expect(await verify()).toEqual({ code: 1, said: expect.stringContaining('entry 3 is not') as string });

    await tampered(`DELETE FROM audit_log WHERE seq = 2`);
    expect((await verifyChain(probe.database)).brokenAt).toBe(3);

    await tampered(`DELETE FROM audit_log WHERE seq > 1`);
    expect(await verifyChain(probe.database)).toMatchObject({ brokenAt: undefined, entries: 1 });
    expect((await verifyChain(probe.database, head)).hasSeen).toBe(false);
    expect((await verify(seen)).code).toBe(1);
    expect((await verify('not a head')).said).toContain('Usage');
  });
});
