import { JwtService } from '@nestjs/jwt';
import type { Socket } from 'socket.io-client';
import { Connections } from '../../src/events/sockets/connections.js';
import type { TestApp } from '../support/app.js';
import { connect, connected, disconnectAll, next } from './live-client.js';
import { TwoReplicas } from './two-replicas.js';

let replicas: TwoReplicas;
let nyx: TestApp;
beforeAll(async () => {
  replicas = await TwoReplicas.start();
  nyx = replicas.nyx;
});
afterEach(disconnectAll);
afterAll(() => replicas.close());

const PASSWORD = 'a password of somebody here';
let made = 0;

interface Somebody {
  readonly id: string;
  readonly token: string;
}

async function user(role: string): Promise<Somebody> {
  made += 1;
  const body = { username: `somebody-${made}`, password: PASSWORD, role };
  const answer = await replicas.change('POST', 'users', body);
  const { id } = (await answer.json()) as { id: string };
  const login = await nyx.request(undefined, 'POST', '/api/v1/auth/login', {
    username: body.username,
    password: PASSWORD,
  });
  return { id, token: ((await login.json()) as { access_token: string }).access_token };
}

async function socketOf(auth: object): Promise<{ socket: Socket; ended: Promise<[unknown, unknown]> }> {
  const socket = connect(nyx.url, '/ws/workflows', auth);
  const ended = Promise.all([next(socket, 'auth_expired'), next(socket, 'disconnect')]);
  await connected(socket);
  return { socket, ended };
}

const unauthenticated = { error_code: 'UNAUTHENTICATED', message: expect.any(String) as string };

describe('a socket ends with what it came with', () => {
  it('when the token expires', async () => {
    const { sub, sid, ver } = JSON.parse(
      Buffer.from((await nyx.token('viewer')).split('.')[1] ?? '', 'base64url').toString(),
    ) as Record<string, unknown>;
    const token = await nyx.app.get(JwtService, { strict: false }).signAsync({ sub, sid, ver }, { expiresIn: 12 });
    const { ended } = await socketOf({ token });
    expect(await ended).toEqual([unauthenticated, 'io server disconnect']);
  });

  it.each<[string, object]>([
    ['is deactivated', { is_active: false }],
    ['gets another password', { password: 'another password of somebody' }],
    ['gets another role', { role: 'operator' }],
  ])('when at another replica the user %s', async (_what, changed) => {
    const { id, token } = await user('viewer');
    const { ended } = await socketOf({ token });
    expect((await replicas.change('PATCH', `users/${id}`, changed)).status).toBe(200);
    expect(await ended).toEqual([unauthenticated, 'io server disconnect']);
  });

  it('when at another replica the user signs out', async () => {
    const { token } = await user('viewer');
    const { ended } = await socketOf({ token });
    const headers = { authorization: `Bearer ${token}` };
    expect((await fetch(`${replicas.other.url}/api/v1/auth/logout`, { method: 'POST', headers })).status).toBe(204);
    expect(await ended).toEqual([unauthenticated, 'io server disconnect']);
  });

  it('when at another replica the API key is revoked; others stay', async () => {
    const keys = await Promise.all(
      ['gone', 'stays'].map(async (name) => {
        const answer = await replicas.change('POST', 'api-keys', { name, role: 'viewer' });
        return (await answer.json()) as { id: string; key: string };
      }),
    );
    const [gone, stays] = await Promise.all(keys.map(({ key }) => socketOf({ apiKey: key })));
    await replicas.change('DELETE', `api-keys/${keys[0]?.id ?? ''}`);
    expect(await gone?.ended).toEqual([unauthenticated, 'io server disconnect']);
    expect(stays?.socket.connected).toBe(true);
  });
});

it('a replica that stops ends its connections as the network would: clients come again by themselves', async () => {
  const socket = connect(nyx.url, '/ws/workflows', { token: await nyx.token('viewer') });
  await connected(socket);
  const reason = next(socket, 'disconnect');
  nyx.app.get(Connections).onModuleDestroy();
  expect(await reason).toBe('transport close');
});
