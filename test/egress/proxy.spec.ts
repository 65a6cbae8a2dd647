import { lstat, mkdtemp, rm, stat } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { EgressProxy, type RunningEgressProxy } from '../../src/egress/proxy.js';
import { until } from '../support/until.js';
import { type DnsServer, startDnsServer } from './dns-server.js';
import { type Loopback, startLoopback, startSocketServer } from './loopback.js';

/** Where nobody listens: a port that no server of a test is ever given. */
const NOBODY = '127.0.0.1:1';

let folder: string;
let socketPath: string;
let allowed: Loopback;
let trap: Loopback;
let dns: DnsServer;
let running: RunningEgressProxy;
let stop: AbortController;
const logged: string[] = [];

beforeAll(async () => {
  Logger.overrideLogger({ log: () => undefined, error: () => undefined, warn: (line: string) => logged.push(line) });
  folder = await mkdtemp(join(tmpdir(), 'nyx-proxy-'));
  allowed = await startLoopback((request, response) => {
    if (request.url === '/hop') response.setHeader('Proxy-Connection', 'x').setHeader('X-Kept', 'y');
    response.end(`you asked for ${request.url ?? ''}`);
  });
  trap = await startLoopback();
  dns = await startDnsServer({
    'good.test': [['127.0.0.1'], ['127.0.0.2']],
    'mixed.test': [['127.0.0.1', '10.0.0.1']],
  });
});

beforeEach(async () => {
  logged.length = 0;
  dns.asked.length = 0;
  allowed.seen.length = 0;
  stop = new AbortController();
  socketPath = join(folder, 'inside', 'proxy.sock');
  const names = ['good.test', 'mixed.test'].map((name) => `${name}:${allowed.port}`);
  running = await new EgressProxy(['127.0.0.1/32'], dns.lookup).start({
    socketPath,
    allowedHosts: [allowed.place, ...names],
    signal: stop.signal,
  });
});

afterEach(() => running.close());

afterAll(async () => {
  await Promise.all([allowed.close(), trap.close(), dns.close(), rm(folder, { recursive: true, force: true })]);
  Logger.overrideLogger(true);
});

const dial = (): Socket => connect(socketPath).on('error', () => undefined);

/** Sends the bytes and reads until the proxy ends the connection. */
function exchange(bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = dial();
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.once('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
    socket.write(bytes);
  });
}

const get = (url: string, headers = ''): Promise<string> =>
  exchange(`GET ${url} HTTP/1.1\r\nHost: ignored.test\r\nConnection: close\r\n${headers}\r\n`);

describe('the proxy for the sandbox', () => {
  it('listens where only its owner may come', async () => {
    expect((await stat(join(folder, 'inside'))).mode & 0o777).toBe(0o700);
    expect((await lstat(socketPath)).mode & 0o777).toBe(0o600);
    const inOpenFolder = { socketPath: '/tmp/nyx.sock', allowedHosts: [], signal: stop.signal };
    await expect(new EgressProxy([]).start(inOpenFolder)).rejects.toThrow('Others may enter /tmp');
  });

  it('passes a request on, written anew: without the headers of this connection, for the host of the URL', async () => {
    const answer = await get(
      `${allowed.url}/a?b=c`,
      'Proxy-Authorization: Basic eA==\r\nProxy-Connection: keep-alive\r\nConnection: X-Mine\r\nX-Mine: 1\r\nX-Kept: 2\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
    expect(answer).toContain('you asked for /a?b=c');
    const headers = allowed.seen[0]?.headers;
    expect(headers).toEqual({ host: allowed.place, 'x-kept': '2', connection: 'close' });
    const back = await get(`${allowed.url}/hop`);
    expect(back).toContain('x-kept: y');
    expect(back).not.toContain('proxy-connection');
  });

  it('passes a body on, by length or in chunks, and as nothing but a body', async () => {
    const hidden = 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n';
    const chunks = `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`;
    for (const method of ['POST', 'GET']) {
      const head = `${method} ${allowed.url}/in HTTP/1.1\r\nHost: x\r\nConnection: close\r\n`;
      await exchange(`${head}Content-Length: ${hidden.length}\r\n\r\n${hidden}`);
      await exchange(`${head}Transfer-Encoding: chunked\r\n\r\n${chunks}`);
      await exchange(`${head}Connection: content-length\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`);
    }
    expect(allowed.seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
      ...Array<string>(3).fill('POST /in'),
      ...Array<string>(3).fill('GET /in'),
    ]);
    expect(new Set(allowed.seen.map(({ body }) => body))).toEqual(new Set([hidden]));
  });

  it('refuses two lengths, an unknown coding and an upgrade', async () => {
    const before = allowed.connections();
    const head = `POST ${allowed.url}/in HTTP/1.1\r\nHost: x\r\nConnection: close\r\n`;
    const twice = [
      'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      'Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello',
      'Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n',
      'Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
      'Content-Length: 5, 5\r\n\r\nhello',
    ];
    for (const framing of twice) expect(await exchange(head + framing)).toMatch(/^HTTP\/1.1 40[03] /);
    const upgrade = `GET ${allowed.url}/ HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`;
    expect(await exchange(upgrade)).toMatch(/^HTTP\/1.1 403 /);
    expect(allowed.connections()).toBe(before);
  });

  it('refuses with the rule what may not be reached, and tells the log no path', async () => {
    const refused: [string, string][] = [
      [`http://127.0.0.1:${trap.port}/secret`, 'port'],
      ['http://169.254.169.254/latest/meta-data/', 'host_not_allowed'],
      [`http://user:pass@${allowed.place}/`, 'user_info'],
      [`https://${allowed.place}/`, 'scheme'],
      [`ftp://${allowed.place}/`, 'scheme'],
      ['/only/a/path', 'bad_url'],
      [`http://mixed.test:${allowed.port}/`, 'private_address'],
      [`http://localhost:${trap.port}/`, 'host_not_allowed'],
      [`http://[::ffff:7f00:1]:${trap.port}/`, 'host_not_allowed'],
    ];
    for (const [url, rule] of refused) {
      const answer = await get(url);
      expect(answer).toMatch(/^HTTP\/1.1 403 /);
      expect(answer).toContain(`\r\n${rule}: `);
    }
    expect(logged).toContain('A program in the sandbox may not reach 169.254.169.254: host_not_allowed.');
    expect(logged.join()).not.toMatch(/secret|meta-data|pass/);
    expect(trap.connections()).toBe(0);
  });

  it('tells a refusal that is asked for again only once', async () => {
    for (let i = 0; i < 3; i += 1) await get(`http://127.0.0.1:${trap.port}/${i}`);
    expect(logged).toEqual([`A program in the sandbox may not reach ${trap.place}: port.`]);
  });

  it('makes a tunnel to an allowed host and no other', async () => {
    const echo = await startSocketServer((socket) => socket.pipe(socket));
    try {
      const tunnel = `CONNECT ${allowed.place} HTTP/1.1\r\nHost: x\r\n\r\n`;
      const answer = await exchange(`${tunnel}GET /in-tunnel HTTP/1.1\r\nHost: y\r\nConnection: close\r\n\r\n`);
      expect(answer).toMatch(/^HTTP\/1.1 200 Connection established\r\n\r\nHTTP\/1.1 200 OK/);
      expect(answer).toContain('you asked for /in-tunnel');
      for (const [place, rule] of [
        [echo.place, 'port'],
        [`user@${allowed.place}`, 'user_info'],
        [`mixed.test:${allowed.port}`, 'private_address'],
        ['127.0.0.1', 'bad_url'],
        [`[::1]:${allowed.port}`, 'host_not_allowed'],
        [`0x7f.1:${echo.port}`, 'port'],
      ]) {
        const refusal = await exchange(`CONNECT ${place ?? ''} HTTP/1.1\r\nHost: x\r\n\r\n`);
        expect([place, refusal]).toEqual([place, expect.stringMatching(/^HTTP\/1.1 40[03] /)]);
        if (place !== '127.0.0.1') expect(refusal).toContain(`\r\n${rule ?? ''}: `);
      }
      expect(echo.connections()).toBe(0);
    } finally {
      await echo.close();
    }
  });

  it('connects to the address it has checked: a name that changes its mind is not asked twice', async () => {
    expect(await get(`http://good.test:${allowed.port}/first`)).toMatch(/^HTTP\/1.1 200 /);
    expect(allowed.seen).toMatchObject([{ localAddress: '127.0.0.1', headers: { host: `good.test:${allowed.port}` } }]);
    expect(dns.asked).toEqual(['good.test']);
    expect(await get(`http://good.test:${allowed.port}/second`)).toContain('private_address');
    expect(allowed.seen).toHaveLength(1);
  });

  it('answers 502 when nobody listens or the server breaks off', async () => {
    const cutter = await startSocketServer((socket) => socket.destroy());
    const other = await new EgressProxy(['127.0.0.1/32']).start({
      socketPath: (socketPath = join(folder, 'inside', 'other.sock')),
      allowedHosts: [cutter.place, NOBODY],
      signal: stop.signal,
    });
    expect(await get(`${cutter.url}/`)).toMatch(/^HTTP\/1.1 502 /);
    expect(await get(`http://${NOBODY}/`)).toMatch(/^HTTP\/1.1 502 /);
    expect(await exchange(`CONNECT ${NOBODY} HTTP/1.1\r\nHost: x\r\n\r\n`)).toMatch(/^HTTP\/1.1 502 /);
    await Promise.all([other.close(), cutter.close()]);
  });

  it.each(['close', 'abort'])('ends every connection on %s, and its socket goes', async (how) => {
    const silent = await startSocketServer(() => undefined);
    let serverEnds = 0;
    const counted = await startSocketServer((socket) => socket.once('close', () => (serverEnds += 1)).resume());
    const path = (socketPath = join(folder, 'inside', `${how}.sock`));
    const other = await new EgressProxy(['127.0.0.1/32']).start({
      socketPath: path,
      allowedHosts: [silent.place, counted.place],
      signal: stop.signal,
    });
    const waiting = get(`${silent.url}/`);
    const tunnel = exchange(`CONNECT ${counted.place} HTTP/1.1\r\nHost: x\r\n\r\n`);
    await until('both are open', () => silent.connections() === 1 && counted.connections() === 1);
    if (how === 'close') await other.close();
    else stop.abort();
    await Promise.all([waiting, tunnel]);
    await other.close();
    await until('the far end of the tunnel is closed', () => serverEnds === 1);
    await expect(stat(path)).rejects.toThrow('ENOENT');
    await Promise.all([silent.close(), counted.close()]);
  });

  it('does not start for someone who has gone', async () => {
    stop.abort();
    const late = { socketPath: join(folder, 'inside', 'late.sock'), allowedHosts: [], signal: stop.signal };
    await expect(new EgressProxy([]).start(late)).rejects.toThrow('aborted');
  });
});
