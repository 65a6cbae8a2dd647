import { JwtService } from '@nestjs/jwt';
import { Database } from '../../src/database/database.service.js';
import { newId } from '../../src/database/ids.js';
import { EventLog } from '../../src/events/event-log.js';
import { TwoReplicas } from '../live/two-replicas.js';
import type { TestApp } from '../support/app.js';

type Headers = Readonly<Record<string, string>>;
interface Somebody {
  readonly id: string;
  readonly headers: Headers;
}

let replicas: TwoReplicas;
let nyx: TestApp;
/** Of a workflow that goes on. */
let events: string;
beforeAll(async () => {
  replicas = await TwoReplicas.start();
  nyx = replicas.nyx;
  const [log, id] = [nyx.app.get(EventLog), newId()];
  const started = { type: 'workflow.progress', data: { progress_percentage: 1 } } as const;
  await nyx.app.get(Database).transaction((tx) => log.begin(tx, id, 'test', [started]));
  events = `${nyx.url}/api/v1/orchestrator/workflows/${id}/events`;
});
afterAll(() => replicas.close());

const bearer = (token: string): Headers => ({ authorization: `Bearer ${token}` });

let made = 0;
async function user(): Promise<Somebody> {
  made += 1;
  const named = { username: `reader-${made}`, password: 'a password of a reader' };
  const answer = await replicas.change('POST', 'users', { ...named, role: 'viewer' });
  const { id } = (await answer.json()) as { id: string };
  const login = await nyx.request(undefined, 'POST', '/api/v1/auth/login', named);
  return { id, headers: bearer(((await login.json()) as { access_token: string }).access_token) };
}

async function apiKey(name: string): Promise<{ readonly id: string; readonly key: string }> {
  const answer = await replicas.change('POST', 'api-keys', { name, role: 'viewer' });
  return (await answer.json()) as { id: string; key: string };
}

/** A stream that has begun; `rest` resolves when it ends. */
async function open(headers: Headers): Promise<{ readonly rest: Promise<string>; leave(): Promise<void> }> {
  const leaving = new AbortController();
  const answer = await fetch(events, { headers, signal: leaving.signal });
  expect(answer.status).toBe(200);
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (reader === undefined) throw new Error('There is no body.');
  for (let text = ''; !text.includes('\nevent: ');) {
    const { done, value = '' } = await reader.read();
    if (done) throw new Error('It ended before its first event.');
    text += value;
  }
  const rest = (async (): Promise<string> => {
    let text = '';
    for (;;) {
      const { done, value = '' } = await reader.read();
      text += value;
      if (done) return text;
    }
  })();
  const leave = async (): Promise<void> => {
    leaving.abort();
    await expect(rest).rejects.toThrow('abort');
  };
  return { rest, leave };
}

/** It ended as it does with the workflow, and whoever comes again is told why. */
async function expectEnded(stream: { rest: Promise<string> }, headers: Headers): Promise<void> {
  expect(await stream.rest).not.toContain('event: ');
  expect((await fetch(events, { headers: { ...headers, 'last-event-id': '1' } })).status).toBe(401);
}

describe('an event stream ends with what its client came with', () => {
  it('when the token expires', async () => {
    const [, claims = ''] = (await nyx.token('viewer')).split('.');
    const { sub, sid, ver } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, unknown>;
    const token = await nyx.app.get(JwtService, { strict: false }).signAsync({ sub, sid, ver }, { expiresIn: 8 });
    await expectEnded(await open(bearer(token)), bearer(token));
  });

  it.each<[string, object]>([
    ['is deactivated', { is_active: false }],
    ['gets another password', { password: 'another password of a reader' }],
  ])('when at another replica the user %s', async (_what, changed) => {
    const { id, headers } = await user();
    const stream = await open(headers);
    expect((await replicas.change('PATCH', `users/${id}`, changed)).status).toBe(200);
    await expectEnded(stream, headers);
  });

  it('when at another replica the user gets another role: whoever comes again has that one', async () => {
    const { id, headers } = await user();
    const stream = await open(headers);
    expect((await replicas.change('PATCH', `users/${id}`, { role: 'operator' })).status).toBe(200);
    expect(await stream.rest).not.toContain('event: ');
  });

  it('when at another replica the user signs out', async () => {
    const { headers } = await user();
    const stream = await open(headers);
    expect((await fetch(`${replicas.other.url}/api/v1/auth/logout`, { method: 'POST', headers })).status).toBe(204);
    await expectEnded(stream, headers);
  });

  it('when at another replica the API key is revoked, sent either way; others stay', async () => {
    const [gone, stays] = [await apiKey('gone'), await apiKey('stays')];
    const ended = [{ 'x-api-key': gone.key }, bearer(gone.key)] as const;
    const streams = await Promise.all(ended.map(open));
    const staying = await open({ 'x-api-key': stays.key });
    expect((await replicas.change('DELETE', `api-keys/${gone.id}`)).status).toBe(204);
    for (const [index, headers] of ended.entries()) {
      const stream = streams[index];
      if (stream) await expectEnded(stream, headers);
    }
    await staying.leave();
  });
});
