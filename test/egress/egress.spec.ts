import { createServer as createTlsServer } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { Egress } from '../../src/egress/egress.js';
import { EgressFailed, EgressRefused } from '../../src/egress/egress.types.js';
import { EgressRoom, refusalOf, ruleOf, text } from './egress-room.js';

let room: EgressRoom;

beforeAll(async () => {
  room = await EgressRoom.start();
});
beforeEach(() => {
  room.forget();
});
afterAll(() => room.close());
afterEach(() => {
  expect(room.trap.connections()).toBe(0);
});

describe('a request', () => {
  it('is sent as it was meant, and its answer comes back whole', async () => {
    const answer = await room.fetch(`${room.site.url}/a?b=c#d`, {
      method: 'POST',
      headers: { 'X-Mine': 'yes', 'Content-Type': 'text/plain' },
      body: 'hello',
    });
    expect(answer).toMatchObject({ status: 200, url: `${room.site.url}/a?b=c`, redirects: [], isTruncated: false });
    expect(answer.headers).toMatchObject({ 'x-a': '1, 2', 'content-length': '14' });
    expect(text(answer)).toBe('body of /a?b=c');
    expect(room.site.seen).toMatchObject([{ method: 'POST', path: '/a?b=c', body: 'hello' }]);
    expect(room.site.seen[0]?.headers).toEqual({
      host: room.site.place,
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
    for (const name of names) process.env[name] = name === 'NODE_USE_ENV_PROXY' ? '1' : room.trap.url;
    try {
      expect((await room.fetch(room.site.url)).status).toBe(200);
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
    expect(await ruleOf(room.fetch(`${room.site.url}/headers`, { headers }))).toBe('bad_header');
    expect(room.site.seen).toEqual([]);
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
    expect(await ruleOf(room.fetch(url, { allowedHosts: ['*'] }))).toBe('private_address');
  });

  it('of a listener that is not allowed gets nothing in any notation', async () => {
    const hosts = ['127.0.0.1', '127.1', '0x7f.1', '0177.0.0.1', '2130706433', '0.0.0.0', '[::ffff:7f00:1]', '[::1]'];
    for (const host of [...hosts, 'localhost', 'localhost.', 'inner.test', 'site.test']) {
      const url = `http://${host}:${room.trap.port}/`;
      expect(['host_not_allowed', 'port']).toContain(await ruleOf(room.fetch(url)));
      expect(await ruleOf(room.fetch(url, { allowedHosts: ['*'] }))).toBe('port');
      expect(await ruleOf(room.fetch(url, { allowedHosts: [] }))).toBe('host_not_allowed');
      const open = [`${host.replace(/\.$/, '')}:${room.trap.port}`];
      // By name it is allowed, and still no public address: the exception is for another one.
      const strict = new Egress(['10.0.0.0/8'], room.dns.lookup);
      const error: unknown = await room.fetch(url, { allowedHosts: open }, strict).catch((thrown: unknown) => thrown);
      expect([host, error]).toEqual([
        host,
        host.startsWith('localhost') ? expect.any(EgressFailed) : expect.any(EgressRefused),
      ]);
    }
    const bySystem = new Egress([]);
    expect(
      await ruleOf(
        room.fetch(`http://localhost.:${room.trap.port}/`, { allowedHosts: [`localhost:${room.trap.port}`] }, bySystem),
      ),
    ).toBe('private_address');
  });

  it('that a name has beside allowed ones refuses the name', async () => {
    expect(await ruleOf(room.fetch(`http://mixed.test:${room.site.port}/`))).toBe('private_address');
    expect(await ruleOf(room.fetch(`http://mixed6.test:${room.site.port}/`))).toBe('private_address');
    expect(room.site.seen).toEqual([]);
  });

  it('is the one that was checked: a name that answers otherwise the next time is not asked again for the same request', async () => {
    const url = `http://rebinding.test:${room.site.port}/`;
    expect((await room.fetch(url)).status).toBe(200);
    expect(room.dns.asked).toEqual(['rebinding.test']);
    expect(room.site.seen).toMatchObject([
      { localAddress: '127.0.0.1', headers: { host: `rebinding.test:${room.site.port}` } },
    ]);
    expect(await ruleOf(room.fetch(url))).toBe('private_address');
    expect(room.site.seen).toHaveLength(1);
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
    const work = room.fetch(`https://site.test:${port}/`, { allowedHosts: [`site.test:${port}`] });
    await expect(work).rejects.toThrow(EgressFailed);
    expect(names).toEqual(['site.test']);
    await new Promise((resolve) => server.close(resolve));
  });

  it('that does not exist is a failure', async () => {
    const work = room.fetch('http://unknown.test/', { allowedHosts: ['unknown.test'] });
    await expect(work).rejects.toThrow('The host unknown.test was not found.');
  });
});

describe('a redirect', () => {
  it('is followed to what is allowed, and listed', async () => {
    room.redirects.set('/one', '/two?x');
    room.redirects.set('/two?x', `http://site.test:${room.site.port}/three`);
    const answer = await room.fetch(`${room.site.url}/one`);
    expect(answer).toMatchObject({
      status: 200,
      url: `http://site.test:${room.site.port}/three`,
      redirects: [`${room.site.url}/one`, `${room.site.url}/two?x`],
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
    room.redirects.set('/go', location.replace('TRAP', String(room.trap.port)).replace('SITE', String(room.site.port)));
    const refusal = await refusalOf(room.fetch(`${room.site.url}/go`));
    expect(refusal).toMatchObject({ rule, sentTo: [`${room.site.url}/go`] });
    expect(room.site.seen).toHaveLength(1);
  });

  it('to a private address is refused where every public host is allowed', async () => {
    room.redirects.set('/go', 'http://127.0.0.1/');
    const work = room.fetch(`${room.site.url}/go`, { allowedHosts: [room.site.place, '*'] });
    expect(await ruleOf(work)).toBe('private_address');
  });

  it('to a name that has changed its address is refused', async () => {
    room.redirects.set('/go', '/back');
    expect(await ruleOf(room.fetch(`http://rebinding.test:${room.site.port}/go`))).toBe('private_address');
    expect(room.dns.asked).toEqual(['rebinding.test', 'rebinding.test']);
    expect(room.site.seen.map(({ path }) => path)).toEqual(['/go']);
  });

  it('too many are refused, and with 0 each is an answer', async () => {
    room.redirects.set('/loop', '/loop');
    expect(await refusalOf(room.fetch(`${room.site.url}/loop`))).toMatchObject({
      rule: 'too_many_redirects',
      sentTo: Array<string>(4).fill(`${room.site.url}/loop`),
    });
    expect(room.site.seen).toHaveLength(4);
    const answer = await room.fetch(`${room.site.url}/loop`, { maxRedirects: 0 });
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
    room.redirects.set('/go', redirect);
    await room.fetch(`${room.site.url}/go`, { ...post, headers: { ...post.headers, 'content-type': 'text/plain' } });
    expect(room.site.seen[1]).toMatchObject({ method, body, headers: { authorization: 'Bearer x', 'x-api-key': 'b' } });
    expect(room.site.seen[1]?.headers['content-type']).toBe(body === '' ? undefined : 'text/plain');
  });

  it('to another origin carries neither credentials nor a body', async () => {
    room.redirects.set('/go', `303 ${room.other.url}/to`);
    await room.fetch(`${room.site.url}/go`, post);
    expect(room.other.seen).toMatchObject([{ method: 'GET', body: '', headers: { accept: 'c' } }]);
    expect(room.other.seen[0]?.headers).not.toHaveProperty('authorization');
    expect(room.other.seen[0]?.headers).not.toHaveProperty('cookie');
    expect(room.other.seen[0]?.headers).not.toHaveProperty('x-api-key');
    room.other.seen.length = 0;
    room.redirects.set('/go', `307 ${room.other.url}/to`);
    expect(await ruleOf(room.fetch(`${room.site.url}/go`, post))).toBe('body_across_origins');
    expect(room.other.seen).toEqual([]);
  });
});
