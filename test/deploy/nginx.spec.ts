import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { request, type IncomingMessage, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { CONNECT_TIMEOUT_MS } from '../../src/database/data-source.js';
import { ANSWER_TIMEOUT_MS } from '../../src/database/session-settings.js';
import { MAX_UPLOAD_BYTES } from '../../src/tools/workspace/upload.rules.js';
import { call } from '../http/client.js';
import { disconnectAll } from '../live/live-client.js';
import { SocketFollower } from '../live/socket-follower.js';
import { StreamFollower } from '../live/stream-follower.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { describeWithProgram } from '../support/needed-program.js';
import { Nginx } from '../support/nginx.js';
import { cleanUpProcesses, startNyxProcess, type NyxProcess } from '../support/process.js';
import { until } from '../support/until.js';
import { hangingPort, Upstream } from './upstream.js';

const KEY = 'the-key-of-the-deployment-of-this-test';

const statuses = async (count: number, ask: () => Promise<Response>): Promise<number[]> => {
  const all: number[] = [];
  for (let index = 0; index < count; index++) {
    const answer = await ask();
    await answer.text();
    all.push(answer.status);
  }
  return all;
};
/** Gives what waits for no work up sooner than can be waited for here. */
const IMPATIENCE_MS = 1_000;
const impatient = (configuration: string): string =>
  configuration
    .replaceAll('proxy_read_timeout 45s', `proxy_read_timeout ${IMPATIENCE_MS}ms`)
    .replaceAll('proxy_next_upstream_timeout 15s', `proxy_next_upstream_timeout ${IMPATIENCE_MS / 2}ms`);
const times = <Value>(count: number, value: Value): Value[] => Array.from({ length: count }, () => value);

describeWithProgram('nginx', 'nginx', () => {
  it('takes its configuration, and says nothing of it', async () => {
    expect(await Nginx.check()).toMatch(/^nginx: .* syntax is ok\nnginx: .* test is successful\n$/);
    const wrong = (configuration: string): string => configuration.replace('proxy_buffering', 'proxy_bufering');
    await expect(Nginx.check(wrong)).rejects.toThrow('unknown directive "proxy_bufering"');
  });

  it('waits for as long as a caller may, for reads as NYX does itself, and leaves unused connections before it', async () => {
    const ours = await readFile('deploy/nginx/nyx.conf', 'utf8');
    const secondsOf = (directive: string): number[] =>
      [...ours.matchAll(new RegExp(` ${directive} (\\d+)s;`, 'g'))].map(([, seconds]) => Number(seconds));
    const [working, reading = NaN, changing, ...more] = secondsOf('proxy_read_timeout');
    // `Prefer: wait` of at most ten minutes.
    expect(working).toBeGreaterThan(600);
    expect(reading * 1_000).toBeGreaterThan(CONNECT_TIMEOUT_MS + ANSWER_TIMEOUT_MS);
    expect(changing).toBe(reading);
    expect(more).toEqual([]);
    const [, askingAnother, askingNobody] = secondsOf('proxy_next_upstream_timeout');
    expect(askingAnother).toBeGreaterThan(reading);
    expect(askingNobody).toBeLessThan(reading);
    expect(secondsOf('keepalive_timeout')[0]).toBeLessThan(75);
  });

  it('passes over a server of which nothing comes back', async () => {
    const hole = await hangingPort();
    const living = await Upstream.start();
    const nginx = await Nginx.before([hole.port, living.port]);
    try {
      expect(await statuses(4, () => fetch(nginx.url))).toEqual(times(4, 200));
    } finally {
      await nginx.close();
      await living.close();
      hole.close();
    }
  });

  describe('before three servers', () => {
    let upstreams: Upstream[];
    let nginx: Nginx;
    beforeEach(async () => {
      upstreams = await Promise.all(times(3, undefined).map(() => Upstream.start()));
      nginx = await Nginx.before(upstreams.map(({ port }) => port));
    });
    afterEach(async () => {
      await nginx.close();
      for (const upstream of upstreams) await upstream.close();
    });

    const get = (headers: Record<string, string> = {}): Promise<Response> =>
      fetch(`${nginx.url}/path?a=b`, { headers });
    const post = (): Promise<Response> => fetch(`${nginx.url}/path`, { method: 'POST', body: 'once' });
    const seen = (): IncomingMessage[] => upstreams.flatMap((upstream) => upstream.seen);

    it('spreads requests, over connections that it keeps', async () => {
      expect(await statuses(30, get)).toEqual(times(30, 200));
      expect(upstreams.map((upstream) => upstream.seen.length)).toEqual([10, 10, 10]);
      for (const { connections } of upstreams) expect(connections.size).toBeLessThan(10);
    });

    it('tells who asks, and believes nobody who says that himself', async () => {
      await get({ 'x-forwarded-for': '192.0.2.1', 'x-forwarded-proto': 'https' });
      const [asked] = seen();
      expect(asked?.url).toBe('/path?a=b');
      expect(asked?.headers).toMatchObject({
        host: new URL(nginx.url).host,
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-proto': 'http',
      });
    });

    it('passes over servers that are dead, with a POST too', async () => {
      const [, ...dead] = upstreams.splice(0);
      for (const upstream of dead) await upstream.close();
      expect(await statuses(5, get)).toEqual(times(5, 200));
      expect(await statuses(5, post)).toEqual(times(5, 200));
    });

    it('asks another one what is only read when one is silent, says so of a change, and waits for work', async () => {
      const ports = upstreams.map(({ port }) => port);
      const impatientOne = await Nginx.before(ports, impatient);
      const ask = (method: string): Promise<Response> => fetch(impatientOne.url, { method });
      try {
        const [silent] = upstreams;
        if (silent) silent.answer = () => undefined;
        expect(await statuses(3, () => ask('GET'))).toEqual(times(3, 200));
        expect(await statuses(3, () => ask('HEAD'))).toEqual(times(3, 200));
        const slow = (response: ServerResponse): unknown => setTimeout(() => response.end('good'), 2 * IMPATIENCE_MS);
        for (const upstream of upstreams) upstream.answer = slow;
        const before = seen().length;
        const acting = ['POST', 'PUT', 'PATCH', 'DELETE'];
        const answers = await Promise.all(acting.map(async (method) => (await ask(method)).status));
        expect(answers).toEqual([200, 504, 504, 504]);
        expect(seen()).toHaveLength(before + acting.length);
      } finally {
        await impatientOne.close();
      }
    });

    it('asks another one when one breaks off, but never sends a POST twice', async () => {
      let breaks = 2;
      for (const upstream of upstreams) {
        upstream.answer = (response) => (breaks-- > 0 ? response.destroy() : response.end('good'));
      }
      expect(await statuses(1, post)).toEqual([502]);
      expect(seen()).toHaveLength(1);
      expect(await statuses(1, get)).toEqual([200]);
      expect(seen()).toHaveLength(3);
    });

    it('hands on what NYX answers, and takes no server for dead that answers 503', async () => {
      for (const upstream of upstreams) upstream.answer = (response) => response.writeHead(503).end('no sandbox');
      expect(await statuses(9, get)).toEqual(times(9, 503));
      expect(await statuses(9, post)).toEqual(times(9, 503));
      expect(seen()).toHaveLength(18);
      for (const upstream of upstreams) upstream.answer = (response) => response.end('good');
      expect(await statuses(9, get)).toEqual(times(9, 200));
    });

    it('holds nothing of a stream back', async () => {
      let answering: ServerResponse | undefined;
      for (const upstream of upstreams) {
        upstream.answer = (response) => {
          answering = response.writeHead(200, { 'content-type': 'text/event-stream' });
          response.write('id: 1\n\n');
        };
      }
      const reader = (await get()).body?.pipeThrough(new TextDecoderStream()).getReader();
      expect((await reader?.read())?.value).toBe('id: 1\n\n');
      answering?.end('id: 2\n\n');
      expect((await reader?.read())?.value).toBe('id: 2\n\n');
      expect((await reader?.read())?.done).toBe(true);
    });

    it('takes an answer no faster than who asked for it, so that NYX notices slow readers', async () => {
      const [part, parts] = [Buffer.alloc(1024 * 1024), 128];
      let sent = (): number => 0;
      for (const upstream of upstreams) {
        upstream.answer = (response) => {
          const { socket } = response;
          sent = () => socket?.bytesWritten ?? 0;
          Readable.from(times(parts, part))
            .pipe(response)
            .on('error', () => undefined);
        };
      }
      const asked = request(nginx.url).on('error', () => undefined);
      asked.end();
      // It reads nothing of the body.
      await once(asked, 'response');
      let [before, looks] = [0, 0];
      await until('it stands still', () => {
        looks = sent() > 0 && sent() === before ? looks + 1 : 0;
        before = sent();
        return looks === 25;
      });
      asked.destroy();
      expect(before).toBeLessThan(parts * part.length);
    });
  });

  describe('before two replicas of NYX', () => {
    let database: TestDatabase;
    let replicas: NyxProcess[];
    let nginx: Nginx;
    beforeAll(async () => {
      database = await createTestDatabase();
      const env = {
        DATABASE_URL: database.url,
        JWT_SECRET: 'k7Jq-2mWz0Rt5Yb8Xc1Vn4Lp9Df3Gh6s',
        NYX_API_KEY: KEY,
        NYX_ADMIN_PASSWORD: 'the admin behind nginx',
        TRUSTED_PROXIES: '127.0.0.1',
        RATE_LIMIT_PER_MINUTE: '0',
      };
      replicas = [await startNyxProcess({ env }), await startNyxProcess({ env })];
      nginx = await Nginx.before(replicas.map(({ url }) => Number(new URL(url).port)));
    }, 300_000);
    afterAll(async () => {
      disconnectAll();
      await nginx.close();
      await cleanUpProcesses();
      await database.drop();
    });

    const headers = { 'x-api-key': KEY };
    const accept = async (prompt: string, at = nginx.url): Promise<string> => {
      const body = { input_type: 'user_prompt', content: { prompt } };
      const url = `${at}/api/v1/orchestrator/workflows/execute`;
      const asynchronously = { ...headers, prefer: 'respond-async' };
      const accepted = await call<{ workflow_id: string }>(url, { headers: asynchronously, body });
      expect(accepted.status).toBe(202);
      return accepted.body.workflow_id;
    };

    it.each([
      ['Server-Sent Events', StreamFollower],
      ['Socket.IO, which becomes a WebSocket on the way,', SocketFollower],
    ])('%s of a workflow come through from its beginning to its end', async (_what, Follower) => {
      const id = await accept('Name three uses of a paper clip.');
      const follower = new Follower(id, KEY, () => [nginx.url], Math.random);
      const following = follower.start();
      await until('its end', () => follower.hasEnd, 60_000);
      follower.stop();
      await following;
      expect(follower.seen).toEqual(follower.seen.map((_number, index) => index + 1));
    });

    it('lets the largest upload through, and leaves it to NYX to refuse what is larger', async () => {
      const put = (bytes: number): Promise<Response> =>
        fetch(`${nginx.url}/api/v1/tools/files/large.bin`, { method: 'PUT', headers, body: new Uint8Array(bytes) });
      expect((await put(MAX_UPLOAD_BYTES)).status).toBe(201);
      const refused = await put(MAX_UPLOAD_BYTES + 1);
      expect([refused.status, await refused.json()]).toEqual([
        413,
        expect.objectContaining({ error_code: 'PAYLOAD_TOO_LARGE' }),
      ]);
    });

    it('NYX knows its callers by their own address', async () => {
      const asked = request(`${nginx.url}/api/v1/auth/login`, {
        method: 'POST',
        localAddress: '127.0.0.2',
        headers: { 'content-type': 'application/json', 'x-forwarded-for': '192.0.2.1' },
      });
      asked.end(JSON.stringify({ username: 'admin', password: 'not the password' }));
      const [refused] = (await once(asked, 'response')) as [IncomingMessage];
      expect(refused.resume().statusCode).toBe(401);
      const { text } = await call(`${nginx.url}/api/v1/auth/audit`, { headers });
      expect(text).toContain('"127.0.0.2"');
      expect(text).not.toContain('192.0.2.1');
    });

    it('a replica that is frozen keeps nobody waiting who reads, or follows', async () => {
      const [frozen, living] = replicas;
      const ports = replicas.map(({ url }) => Number(new URL(url).port));
      const impatientOne = await Nginx.before(ports, impatient);
      frozen?.kill('SIGSTOP');
      try {
        const get = (): Promise<Response> => fetch(`${impatientOne.url}/api/v1/orchestrator/workflows`, { headers });
        expect(await statuses(6, get)).toEqual(times(6, 200));
        const id = await accept('Name a third use of it.', living?.url);
        const followers = [StreamFollower, StreamFollower, SocketFollower, SocketFollower].map(
          (Follower) => new Follower(id, KEY, () => [impatientOne.url], Math.random),
        );
        const following = followers.map((follower) => follower.start());
        await until('all have the end', () => followers.every(({ hasEnd }) => hasEnd), 60_000);
        for (const follower of followers) follower.stop();
        await Promise.all(following);
      } finally {
        frozen?.kill('SIGCONT');
        await impatientOne.close();
      }
    });

    it('a replica that is killed is missed by nobody', async () => {
      replicas[0]?.kill('SIGKILL');
      await replicas[0]?.exited;
      const get = (): Promise<Response> => fetch(`${nginx.url}/api/v1/orchestrator/workflows`, { headers });
      expect(await statuses(6, get)).toEqual(times(6, 200));
      expect(await accept('Name another use of it.')).toMatch(/^[\da-f-]{36}$/);
    });
  });
});
