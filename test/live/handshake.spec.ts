import { JwtService } from '@nestjs/jwt';
import { hashOf } from '../../src/auth/tokens.js';
import { Database } from '../../src/database/database.service.js';
import { startApp, type TestApp } from '../support/app.js';
import { connect, connected, disconnectAll, refusalOf, upgrade } from './live-client.js';

const WORKFLOWS = '/ws/workflows';
let nyx: TestApp;
beforeAll(async () => {
  nyx = await startApp({ deploymentApiKey: { key: 'the key of the deployment of this test', role: 'viewer' } });
});
afterEach(disconnectAll);
afterAll(() => nyx.close());

const claimsOf = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;

/** A token of the viewer's session, otherwise than ours. */
async function tokenWith(options: object): Promise<string> {
  const { sub, sid, ver } = claimsOf(await nyx.token('viewer'));
  return nyx.app.get(JwtService, { strict: false }).signAsync({ sub, sid, ver }, options);
}

const newKey = async (body: object): Promise<{ id: string; key: string }> => {
  const answer = await nyx.request('admin', 'POST', '/api/v1/auth/api-keys', { name: 'of this test', ...body });
  expect(answer.status).toBe(201);
  return (await answer.json()) as { id: string; key: string };
};

describe('a socket is let in', () => {
  it.each(['viewer', 'operator', 'admin'] as const)('with a token of a(n) %s', async (role) => {
    await connected(connect(nyx.url, WORKFLOWS, { token: await nyx.token(role) }));
  });

  it.each(['viewer', 'operator', 'admin'] as const)('with an API key of the role %s', async (role) => {
    await connected(connect(nyx.url, WORKFLOWS, { apiKey: (await newKey({ role })).key }));
  });

  it('with the key of the deployment', async () => {
    await connected(connect(nyx.url, WORKFLOWS, { apiKey: 'the key of the deployment of this test' }));
  });
});

describe('a socket is refused', () => {
  it.each<[string, Record<string, unknown> | (() => Promise<Record<string, unknown>>)]>([
    ['without anything', {}],
    ['with a token that is none', { token: 'garbage' }],
    ['with a token that is no text', { token: { a: 1 } }],
    ['with an empty token', { token: '' }],
    ['with a key that is none', { apiKey: 'garbage' }],
    ['with a key that is no text', { apiKey: ['x'] }],
    ['with an unknown key', { apiKey: `nyx_${'x'.repeat(43)}` }],
    ['with the secret of a key as a token', async () => ({ token: (await newKey({ role: 'viewer' })).key })],
    [
      'with a wrong token beside a good key',
      async () => ({ token: 'x', apiKey: (await newKey({ role: 'viewer' })).key }),
    ],
    ['with an expired token', async () => ({ token: await tokenWith({ expiresIn: -10 }) })],
    ['with a token of another audience', async () => ({ token: await tokenWith({ audience: 'another' }) })],
    ['with a token of another issuer', async () => ({ token: await tokenWith({ issuer: 'another' }) })],
    ['with a token of another algorithm', async () => ({ token: await tokenWith({ algorithm: 'HS512' }) })],
    ['with a token that names another key', async () => ({ token: await tokenWith({ keyid: 'another' }) })],
    ['with a token signed by another secret', async () => ({ token: await tokenWith({ secret: 'x'.repeat(32) }) })],
    ['with a changed token', async () => ({ token: `${(await nyx.token('viewer')).slice(0, -4)}AAAA` })],
    [
      'with a token without signature',
      async () => ({ token: `${(await nyx.token('viewer')).split('.', 2).join('.')}.` }),
    ],
  ])('%s', async (_what, auth) => {
    const given = auth instanceof Function ? await auth() : auth;
    expect(await refusalOf(connect(nyx.url, WORKFLOWS, given))).toEqual({
      error_code: 'UNAUTHENTICATED',
      message: expect.any(String) as string,
    });
  });

  it('with a key that has expired or was revoked', async () => {
    const expired = await newKey({ role: 'viewer', expires_at: new Date(Date.now() + 60_000).toISOString() });
    await nyx.app
      .get(Database)
      .query("UPDATE api_keys SET expires_at = now() - interval '1 second' WHERE key_hash = $1", [hashOf(expired.key)]);
    expect(await refusalOf(connect(nyx.url, WORKFLOWS, { apiKey: expired.key }))).toMatchObject({
      error_code: 'UNAUTHENTICATED',
    });
    const revoked = await newKey({ role: 'viewer' });
    await nyx.request('admin', 'DELETE', `/api/v1/auth/api-keys/${revoked.id}`);
    expect(await refusalOf(connect(nyx.url, WORKFLOWS, { apiKey: revoked.key }))).toMatchObject({
      error_code: 'UNAUTHENTICATED',
    });
  });

  it('outside of the namespaces, also with a good token', async () => {
    const auth = { token: await nyx.token('admin') };
    expect(await refusalOf(connect(nyx.url, '/', auth))).toMatchObject({ error_code: 'NOT_FOUND' });
    await expect(connected(connect(nyx.url, '/ws/none', auth))).rejects.toThrow('Invalid namespace');
  });

  it('and that is on record', async () => {
    await refusalOf(connect(nyx.url, WORKFLOWS, {}));
    const rows = await nyx.app
      .get(Database)
      .query("SELECT path, error_code FROM audit_log WHERE action = 'connectSocket' AND outcome = 'refused' LIMIT 1");
    expect(rows).toEqual([{ path: WORKFLOWS, error_code: 'UNAUTHENTICATED' }]);
  });
});

describe('Socket.IO', () => {
  it('is not there by polling, nor is its client', async () => {
    const polling = await fetch(`${nyx.url}/socket.io/?EIO=4&transport=polling`);
    expect([polling.status, await polling.json()]).toEqual([400, { code: 0, message: 'Transport unknown' }]);
    expect((await fetch(`${nyx.url}/socket.io/socket.io.js`)).status).toBe(400);
  });

  it('is not there for pages of other origins', async () => {
    for (const origin of ['https://evil.example', 'null']) expect((await upgrade(nyx.url, origin)).status).toBe(400);
    for (const origin of [nyx.url, 'http://localhost:3000', undefined])
      expect((await upgrade(nyx.url, origin)).status).toBe(101);
  });
});
