import { createServer as createTlsServer } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { Egress } from '../../src/egress/egress.js';
import { EgressFailed, EgressRefused, type EgressRequest, type EgressResponse } from '../../src/egress/egress.types.js';
import { until } from '../support/until.js';
import { type DnsServer, startDnsServer } from './dns-server.js';
import { type Loopback, startLoopback, startSocketServer } from './loopback.js';

let site: Loopback;
let other: Loopback;
let trap: Loopback;
let dns: DnsServer;
/** Loopback, so that a test can be reached at all. */
let egress: Egress;

/** What the site redirects to, by its path; the status may stand before it. */
const redirects = new Map<string, string>();
const bodies = new Map<string, { readonly encoding: string; readonly bytes: Buffer }>();

beforeAll(async () => {
  site = await startLoopback((request, response) => {
    const path = request.url ?? '';
    const [, status = '302', location] = /^(?:(\d{3}) )?(.*)$/s.exec(redirects.get(path) ?? '') ?? [];
    const body = bodies.get(path);
    if (redirects.has(path)) response.writeHead(Number(status), { location }).end('moved');
    else if (body) response.writeHead(200, { 'content-encoding': body.encoding }).end(body.bytes);
    else response.setHeader('x-a', ['1', '2']).end(`body of ${path}`);
  });
  other = await startLoopback();
  trap = await startLoopback();
  dns = await startDnsServer({
    'site.test': [['127.0.0.1']],
    'rebinding.test': [['127.0.0.1'], ['127.0.0.2']],
    'inner.test': [['127.0.0.1']],
    'mixed.test': [['93.184.216.34', '127.0.0.2']],
    'mixed6.test': [['127.0.0.1', '::ffff:a9fe:a9fe']],
    'metadata.test': [['169.254.169.254']],
  });
  egress = new Egress(['127.0.0.1/32'], dns.lookup);
});

beforeEach(() => {
  for (const server of [site, other, trap]) server.seen.length = 0;
  dns.asked.length = 0;
  redirects.clear();
});

afterAll(() => Promise.all([site, other, trap, dns].map((server) => server.close())));

afterEach(() => expect(trap.connections()).toBe(0));

const on = (server: Loopback, ...names: string[]): string[] => names.map((name) => `${name}:${server.port}`);

function fetchOf(url: string, request: Partial<EgressRequest> = {}, through = egress): Promise<EgressResponse> {
  return through.fetch({
    url,
    method: 'GET',
    allowedHosts: [site.place, other.place, ...on(site, 'site.test', 'rebinding.test', 'mixed.test', 'mixed6.test')],
    maxRedirects: 3,
    maxBytes: 1000,
    timeoutMs: 10_000,
    signal: new AbortController().signal,
    ...request,
  });
}

async function refusalOf(work: Promise<unknown>): Promise<EgressRefused> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof EgressRefused) return error;
  throw new Error(`It was not refused: ${String(error)}`);
}

const ruleOf = async (work: Promise<unknown>): Promise<string> => (await refusalOf(work)).rule;

const text = ({ body }: EgressResponse): string => Buffer.from(body).toString();

describe('a request', () => {
  it('is sent as it was meant, and its answer comes back whole', async () => {
    const answer = await fetchOf(`${site.url}/a?b=c#d`, {
      method: 'POST',
      headers: { 'X-Mine': 'yes', 'Content-Type': 'text/plain' },
      body: 'hello',
    });
    expect(answer).toMatchObject({ status: 200, url: `${site.url}/a?b=c`, redirects: [], isTruncated: false });
    expect(answer.headers).toMatchObject({ 'x-a': '1, 2', 'content-length': '14' });
    expect(text(answer)).toBe('body of /a?b=c');
    expect(site.seen).toMatchObject([{ method: 'POST', path: '/a?b=c', body: 'hello' }]);
    expect(site.seen[0]?.headers).toEqual({
      host: site.place,
      connection: 'close',
      accept: '*/*',
      'accept-encoding': 'gzip, br',
      'user-agent': 'nyx',
      'x-mine': 'yes',
      'content-type': 'text/plain',
      'content-length': '5',
    });
  });

  it('does not take the way out that the environment of NYX names', async () => {
    const names = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'ALL_PROXY', 'NODE_USE_ENV_PROXY'];
    const before = names.map((name) => process.env[name]);
    for (const name of names) process.env[name] = name === 'NODE_USE_ENV_PROXY' ? '1' : trap.url;
    try {
      expect((await fetchOf(site.url)).status).toBe(200);
    } finally {
      names.forEach((name, at) => {
        if (before[at] === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = before[at];
      });
    }
  });

  it.each([
    [{ Host: 'evil.test' }],
    [{ 'content-length': '0' }],
    [{ 'Transfer-Encoding': 'chunked' }],
    [{ Connection: 'keep-alive' }],
    [{ 'Proxy-Authorization': 'Basic eA==' }],
    [{ Upgrade: 'websocket' }],
    [{ Expect: '100-continue' }],
    [{ 'x-a': 'b\r\nHost: evil.test' }],
    [{ 'x-a': 'b\nX: y' }],
    [{ 'x-a': 'b\0' }],
    [{ 'x-a': 'ü€' }],
    [{ 'x\r\ny': 'z' }],
    [{ 'x y': 'z' }],
    [{ '': 'z' }],
    [{ 'X-A': '1', 'x-a': '2' }],
    [{ 'x-a': 'y'.repeat(20_000) }],
    [Object.fromEntries(Array.from({ length: 65 }, (_, at) => [`x-${at}`, '']))],
  ])('with the headers %j is refused', async (headers) => {
    expect(await ruleOf(fetchOf(`${site.url}/headers`, { headers }))).toBe('bad_header');
    expect(site.seen).toEqual([]);
  });
});

describe('an address', () => {
  it.each([
    'http://169.254.169.254/',
    'http://[::ffff:a9fe:a9fe]/',
    'http://2852039166/',
    'http://0251.0376.0251.0376/',
    'http://0xa9.0xfe.0xa9fe/',
    'http://[fd00:ec2::254]/',
    'http://[64:ff9b::a9fe:a9fe]/',
    'http://[2002:a9fe:a9fe::]/',
    'http://0.0.0.0/',
    'http://127.1/',
    'http://127.0.0.1/',
    'http://[::1]/',
    'http://[::]/',
    'http://metadata.test/',
    'http://inner.test/',
  ])('%s is refused where every public host is allowed', async (url) => {
    expect(await ruleOf(fetchOf(url, { allowedHosts: ['*'] }))).toBe('private_address');
  });

  it('of a listener that is not allowed gets nothing in any notation', async () => {
    const hosts = ['127.0.0.1', '127.1', '0x7f.1', '0177.0.0.1', '2130706433', '0.0.0.0', '[::ffff:7f00:1]', '[::1]'];
    for (const host of [...hosts, 'localhost', 'localhost.', 'inner.test', 'site.test']) {
      const url = `http://${host}:${trap.port}/`;
      expect(['host_not_allowed', 'port']).toContain(await ruleOf(fetchOf(url)));
      expect(await ruleOf(fetchOf(url, { allowedHosts: ['*'] }))).toBe('port');
      expect(await ruleOf(fetchOf(url, { allowedHosts: [] }))).toBe('host_not_allowed');
      const open = [`${host.replace(/\.$/, '')}:${trap.port}`];
      // By name it is allowed, and still no public address: the exception is for another one.
      const strict = new Egress(['10.0.0.0/8'], dns.lookup);
      const error: unknown = await fetchOf(url, { allowedHosts: open }, strict).catch((thrown: unknown) => thrown);
      expect([host, error]).toEqual([
        host,
        host.startsWith('localhost') ? expect.any(EgressFailed) : expect.any(EgressRefused),
      ]);
    }
    const bySystem = new Egress([]);
    expect(
      await ruleOf(fetchOf(`http://localhost.:${trap.port}/`, { allowedHosts: [`localhost:${trap.port}`] }, bySystem)),
    ).toBe('private_address');
  });

  it('that a name has beside allowed ones refuses the name', async () => {
    expect(await ruleOf(fetchOf(`http://mixed.test:${site.port}/`))).toBe('private_address');
    expect(await ruleOf(fetchOf(`http://mixed6.test:${site.port}/`))).toBe('private_address');
    expect(site.seen).toEqual([]);
  });

  it('is the one that was checked: a name that answers otherwise the next time is not asked again for the same request', async () => {
    const url = `http://rebinding.test:${site.port}/`;
    expect((await fetchOf(url)).status).toBe(200);
    expect(dns.asked).toEqual(['rebinding.test']);
    expect(site.seen).toMatchObject([{ localAddress: '127.0.0.1', headers: { host: `rebinding.test:${site.port}` } }]);
    expect(await ruleOf(fetchOf(url))).toBe('private_address');
    expect(site.seen).toHaveLength(1);
  });

  it('has its name in the TLS handshake, and no certificate of another passes', async () => {
    const names: string[] = [];
    const server = createTlsServer({
      SNICallback: (name, done) => {
        names.push(name);
        done(new Error('no certificate'));
      },
    });
    server.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const work = fetchOf(`https://site.test:${port}/`, { allowedHosts: [`site.test:${port}`] });
    await expect(work).rejects.toThrow(EgressFailed);
    expect(names).toEqual(['site.test']);
    await new Promise((resolve) => server.close(resolve));
  });

  it('that does not exist is a failure', async () => {
    const work = fetchOf('http://unknown.test/', { allowedHosts: ['unknown.test'] });
    await expect(work).rejects.toThrow('The host unknown.test was not found.');
  });
});

describe('a redirect', () => {
  it('is followed to what is allowed, and listed', async () => {
    redirects.set('/one', '/two?x');
    redirects.set('/two?x', `http://site.test:${site.port}/three`);
    const answer = await fetchOf(`${site.url}/one`);
    expect(answer).toMatchObject({
      status: 200,
      url: `http://site.test:${site.port}/three`,
      redirects: [`${site.url}/one`, `${site.url}/two?x`],
    });
    expect(text(answer)).toBe('body of /three');
  });

  it.each([
    ['http://169.254.169.254/latest/meta-data/', 'host_not_allowed'],
    ['//169.254.169.254/', 'host_not_allowed'],
    ['http://localhost:TRAP/', 'host_not_allowed'],
    ['http://127.0.0.1:TRAP/', 'port'],
    ['http://0x7f.1:TRAP/', 'port'],
    ['http://[::ffff:127.0.0.1]:TRAP/', 'host_not_allowed'],
    ['http://user@127.0.0.1:SITE/', 'user_info'],
    ['http://127.0.0.1:SITE\\@127.0.0.1:TRAP/', 'bad_url'],
    ['http://127.0.0.1:TRAP\t/', 'bad_url'],
    ['http://[', 'bad_url'],
    ['file:///etc/passwd', 'scheme'],
    ['ftp://127.0.0.1:TRAP/', 'scheme'],
    ['gopher://127.0.0.1:TRAP/_x', 'scheme'],
    ['data:text/plain,x', 'scheme'],
    ['http://mixed.test:SITE/', 'private_address'],
  ])('to %s is refused: %s', async (location, rule) => {
    redirects.set('/go', location.replace('TRAP', String(trap.port)).replace('SITE', String(site.port)));
    const refusal = await refusalOf(fetchOf(`${site.url}/go`));
    expect(refusal).toMatchObject({ rule, sentTo: [`${site.url}/go`] });
    expect(site.seen).toHaveLength(1);
  });

  it('to a private address is refused where every public host is allowed', async () => {
    redirects.set('/go', 'http://127.0.0.1/');
    const work = fetchOf(`${site.url}/go`, { allowedHosts: [site.place, '*'] });
    expect(await ruleOf(work)).toBe('private_address');
  });

  it('to a name that has changed its address is refused', async () => {
    redirects.set('/go', '/back');
    expect(await ruleOf(fetchOf(`http://rebinding.test:${site.port}/go`))).toBe('private_address');
    expect(dns.asked).toEqual(['rebinding.test', 'rebinding.test']);
    expect(site.seen.map(({ path }) => path)).toEqual(['/go']);
  });

  it('too many are refused, and with 0 each is an answer', async () => {
    redirects.set('/loop', '/loop');
    expect(await refusalOf(fetchOf(`${site.url}/loop`))).toMatchObject({
      rule: 'too_many_redirects',
      sentTo: Array<string>(4).fill(`${site.url}/loop`),
    });
    expect(site.seen).toHaveLength(4);
    const answer = await fetchOf(`${site.url}/loop`, { maxRedirects: 0 });
    expect(answer).toMatchObject({ status: 302, headers: { location: '/loop' }, redirects: [] });
    expect(text(answer)).toBe('moved');
  });

  const post = {
    method: 'POST',
    body: 'secret',
    headers: { authorization: 'Bearer x', cookie: 'a', 'x-api-key': 'b', accept: 'c' },
  } as const;

  it.each([
    ['301 /to', 'GET', ''],
    ['302 /to', 'GET', ''],
    ['303 /to', 'GET', ''],
    ['307 /to', 'POST', 'secret'],
    ['308 /to', 'POST', 'secret'],
  ])('by %s to the same origin makes a POST a %s', async (redirect, method, body) => {
    redirects.set('/go', redirect);
    await fetchOf(`${site.url}/go`, { ...post, headers: { ...post.headers, 'content-type': 'text/plain' } });
    expect(site.seen[1]).toMatchObject({ method, body, headers: { authorization: 'Bearer x', 'x-api-key': 'b' } });
    expect(site.seen[1]?.headers['content-type']).toBe(body === '' ? undefined : 'text/plain');
  });

  it('to another origin carries neither credentials nor a body', async () => {
    redirects.set('/go', `303 ${other.url}/to`);
    await fetchOf(`${site.url}/go`, post);
    expect(other.seen).toMatchObject([{ method: 'GET', body: '', headers: { accept: 'c' } }]);
    expect(other.seen[0]?.headers).not.toHaveProperty('authorization');
    expect(other.seen[0]?.headers).not.toHaveProperty('cookie');
    expect(other.seen[0]?.headers).not.toHaveProperty('x-api-key');
    other.seen.length = 0;
    redirects.set('/go', `307 ${other.url}/to`);
    expect(await ruleOf(fetchOf(`${site.url}/go`, post))).toBe('body_across_origins');
    expect(other.seen).toEqual([]);
  });
});

describe('a body', () => {
  const plain = Buffer.from('all of it '.repeat(50));

  it.each([
    ['gzip', gzipSync(plain)],
    ['X-GZIP', gzipSync(plain)],
    ['deflate', deflateSync(plain)],
    ['br', brotliCompressSync(plain)],
    ['deflate, gzip', gzipSync(deflateSync(plain))],
    ['identity', plain],
  ])('is decoded: %s', async (encoding, bytes) => {
    bodies.set('/coded', { encoding, bytes });
    const answer = await fetchOf(`${site.url}/coded`);
    expect(text(answer)).toBe(plain.toString());
    expect(answer.isTruncated).toBe(false);
    if (encoding !== 'identity') expect(answer.headers).not.toHaveProperty('content-encoding');
  });

  it('in a coding nobody knows stays as it came', async () => {
    bodies.set('/coded', { encoding: 'zstd', bytes: plain });
    const answer = await fetchOf(`${site.url}/coded`);
    expect(answer.headers['content-encoding']).toBe('zstd');
    expect(text(answer)).toBe(plain.toString());
  });

  it('that is a bomb is read up to the limit of what it decodes to', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    bodies.set('/bomb', { encoding: 'gzip', bytes: bomb });
    bodies.set('/bomb-in-bomb', { encoding: 'gzip, gzip', bytes: gzipSync(bomb) });
    bodies.set('/thrice', { encoding: 'gzip, gzip, gzip', bytes: gzipSync(gzipSync(bomb)) });
    for (const path of ['/bomb', '/bomb-in-bomb']) {
      expect(await fetchOf(`${site.url}${path}`)).toMatchObject({ isTruncated: true, body: { length: 1000 } });
    }
    await expect(fetchOf(`${site.url}/thrice`)).rejects.toThrow(EgressFailed);
  });

  it('that is broken or cut is a failure, not a short answer', async () => {
    bodies.set('/broken', { encoding: 'gzip', bytes: Buffer.from('no gzip at all') });
    bodies.set('/cut', { encoding: 'gzip', bytes: gzipSync(plain).subarray(0, -10) });
    for (const path of ['/broken', '/cut'])
      await expect(fetchOf(`${site.url}${path}`)).rejects.toThrow('Its body is broken.');
    for (const head of ['Content-Length: 100', 'Transfer-Encoding: chunked']) {
      const cutter = await startSocketServer((socket) => {
        socket.once('data', () => socket.end(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n5\r\nhello`));
      });
      await expect(fetchOf(cutter.url, { allowedHosts: [cutter.place] })).rejects.toThrow(EgressFailed);
      await cutter.close();
    }
  });

  it('of exactly the limit is whole, and of one more is not', async () => {
    expect(await fetchOf(`${site.url}/1234`, { maxBytes: 13 })).toMatchObject({ isTruncated: false });
    const short = await fetchOf(`${site.url}/1234`, { maxBytes: 12 });
    expect([text(short), short.isTruncated]).toEqual(['body of /123', true]);
    expect(await fetchOf(`${site.url}/1234`, { maxBytes: 0 })).toMatchObject({ isTruncated: true });
  });

  it('without end is read up to the limit, and the connection closed', async () => {
    let isClosed = false;
    const endless = await startSocketServer((socket) => {
      const chunk = Buffer.alloc(16_384, 'x');
      const fill = (): void => {
        while (!socket.destroyed && socket.write(chunk));
      };
      socket.on('drain', fill).once('close', () => (isClosed = true));
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        fill();
      });
    });
    const answer = await fetchOf(endless.url, { allowedHosts: [endless.place], maxBytes: 100_000 });
    expect(answer).toMatchObject({ isTruncated: true, body: { length: 100_000 } });
    await until('the server sees the end', () => isClosed);
    await endless.close();
  });

  it('that comes in very small pieces is put together', async () => {
    const pieces = await startSocketServer((socket) => {
      socket.once('data', () => {
        socket.end(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${'1\r\nx\r\n'.repeat(30_000)}0\r\n\r\n`);
      });
    });
    const answer = await fetchOf(pieces.url, { allowedHosts: [pieces.place], maxBytes: 50_000 });
    expect(text(answer)).toBe('x'.repeat(30_000));
    await pieces.close();
  });
});

describe('a server', () => {
  const speaking = (bytes: string): Promise<Loopback> =>
    startSocketServer((socket) => void socket.once('data', () => socket.write(bytes)));

  it.each([
    ['that says nothing', ''],
    ['that stops in its headers', 'HTTP/1.1 200 OK\r\nX: '],
    ['that stops in its body', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello'],
    ['that always says more is to come', 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(100)],
  ])('%s is left when the time is over', async (_what, bytes) => {
    const server = await speaking(bytes);
    const work = fetchOf(server.url, { allowedHosts: [server.place], timeoutMs: 150 });
    await expect(work).rejects.toThrow('No answer within 150 ms.');
    await server.close();
  });

  it('that redirects slowly is left when the time of the whole is over', async () => {
    const slow = await startLoopback((_request, response) => {
      setTimeout(() => response.writeHead(302, { location: '/' }).end(), 60);
    });
    const work = fetchOf(slow.url, { allowedHosts: [slow.place], timeoutMs: 200, maxRedirects: 1000 });
    await expect(work).rejects.toThrow('No answer within 200 ms.');
    await slow.close();
  });

  it('is left when the caller goes away, before and in the middle', async () => {
    const silent = await speaking('');
    const gone = new AbortController();
    const work = fetchOf(silent.url, { allowedHosts: [silent.place], signal: gone.signal });
    const ended = expect(work).rejects.toThrow('It was given up.');
    await until('it was asked', () => silent.connections() === 1);
    gone.abort();
    await ended;
    await expect(fetchOf(silent.url, { allowedHosts: [silent.place], signal: gone.signal })).rejects.toThrow(
      EgressFailed,
    );
    expect(silent.connections()).toBe(1);
    await silent.close();
  });

  it('whose name is resolved too slowly is left', async () => {
    const never = new Egress([], () => new Promise(() => undefined));
    await expect(fetchOf('http://slow.test/', { allowedHosts: ['*'], timeoutMs: 50 }, never)).rejects.toThrow(
      'No answer within',
    );
  });

  it.each([
    ['with huge headers', `HTTP/1.1 200 OK\r\nX: ${'y'.repeat(40_000)}\r\n\r\n`, 'too large'],
    ['with endless headers', `HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(20_000)}`, 'too large'],
    ['that does not speak HTTP', 'SSH-2.0-OpenSSH_9.2\r\n\r\n', 'does not speak HTTP'],
    ['that claims two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!', 'no answer'],
  ])('%s is a failure', async (_what, bytes, sentence) => {
    const server = await speaking(bytes);
    await expect(fetchOf(server.url, { allowedHosts: [server.place] })).rejects.toThrow(sentence);
    await server.close();
  });

  it('that breaks off or is not there is a failure', async () => {
    const cutter = await startSocketServer((socket) => socket.destroy());
    await expect(fetchOf(cutter.url, { allowedHosts: [cutter.place] })).rejects.toThrow('The connection was cut.');
    await cutter.close();
    await expect(fetchOf(cutter.url, { allowedHosts: [cutter.place] })).rejects.toThrow('does not accept connections');
  });
});
