import { Ajv2020 } from 'ajv/dist/2020.js';
import { gzipSync } from 'node:zlib';
import { AppConfig } from '../../src/config/app-config.js';
import { configOf } from '../../src/config/load-config.js';
import { Egress } from '../../src/egress/egress.js';
import { HttpRequestTool, type HttpRequestParameters } from '../../src/tools/builtin/http-request.tool.js';
import { type ToolContext, ToolRefusal, type ToolResult } from '../../src/tools/tool.js';
import { type Loopback, startLoopback, startSocketServer } from '../egress/loopback.js';

let site: Loopback;
let trap: Loopback;
const answers = new Map<string, { status?: number; headers?: Record<string, string>; body?: Buffer | string }>();

beforeAll(async () => {
  site = await startLoopback((request, response) => {
    const { status = 200, headers = {}, body = 'hello' } = answers.get(request.url ?? '') ?? {};
    response.writeHead(status, headers).end(body);
  });
  trap = await startLoopback();
});

beforeEach(() => {
  site.seen.length = 0;
  answers.clear();
});

afterEach(() => expect(trap.connections()).toBe(0));

afterAll(() => Promise.all([site.close(), trap.close()]));

function toolFor(
  httpAllowedHosts: readonly string[],
  privateRanges: readonly string[] = ['127.0.0.1/32'],
): HttpRequestTool {
  const defaults = configOf({ NODE_ENV: 'test', NYX_DATA_DIR: '/nowhere' }, '/nowhere');
  const config = Object.assign(new AppConfig(), defaults, {
    tools: { ...defaults.tools, httpAllowedHosts, privateRanges },
  });
  return new HttpRequestTool(config, new Egress(privateRanges));
}

const run = (parameters: HttpRequestParameters, tool = toolFor([site.place])): Promise<ToolResult> => {
  const context = { executionId: 'x', timeoutMs: 20_000, signal: new AbortController().signal };
  return tool.run(parameters, context as ToolContext);
};

const outputOf = async (path: string, more: Partial<HttpRequestParameters> = {}): Promise<Record<string, unknown>> =>
  (await run({ url: `${site.url}${path}`, ...more })).output as Record<string, unknown>;

describe('http_request', () => {
  it('is unavailable, with what to do, as long as no host is allowed, and sends nothing', async () => {
    const tool = toolFor([]);
    expect(tool.availability()).toEqual({
      available: false,
      reason: expect.stringContaining('HTTP_ALLOWED_HOSTS') as string,
    });
    await expect(run({ url: trap.url }, tool)).rejects.toMatchObject({ rule: 'host_not_allowed' });
    expect(toolFor(['*']).availability()).toEqual({ available: true });
  });

  it('asks, and tells status, headers and text; cookies it does not tell', async () => {
    answers.set('/x', {
      headers: { 'content-type': 'application/json', 'set-cookie': 'session=secret' },
      body: '{"a":1}',
    });
    const result = await run({ url: `${site.url}/x`, headers: [{ name: 'X-Mine', value: 'yes' }] });
    expect(result).toMatchObject({
      success: true,
      output: {
        status: 200,
        url: `${site.url}/x`,
        redirects: [],
        body: '{"a":1}',
        is_binary: false,
        bytes: 7,
        is_truncated: false,
      },
    });
    expect(JSON.stringify(result)).not.toContain('secret');
    expect(site.seen).toMatchObject([{ method: 'GET', path: '/x', headers: { 'x-mine': 'yes' } }]);
  });

  it('posts a body', async () => {
    await run({ url: site.url, method: 'POST', body: 'ünï', headers: [{ name: 'content-type', value: 'text/plain' }] });
    expect(site.seen).toMatchObject([{ method: 'POST', body: 'ünï', headers: { 'content-type': 'text/plain' } }]);
  });

  it('calls an answer of 400 and above a failure, and tells it whole', async () => {
    answers.set('/missing', { status: 404, body: 'no such page' });
    const missing = await run({ url: `${site.url}/missing` });
    expect(missing).toMatchObject({
      success: false,
      errorMessage: 'The server answered 404.',
      output: { status: 404, body: 'no such page' },
    });
  });

  it('calls what brought no answer a failure', async () => {
    const cutter = await startSocketServer((socket) => socket.destroy());
    const cut = await run({ url: cutter.url }, toolFor([cutter.place]));
    expect(cut).toMatchObject({
      success: false,
      errorMessage: expect.stringContaining('The connection was cut.') as string,
    });
    await cutter.close();
  });

  it('stops at the time that was asked for', async () => {
    const silent = await startSocketServer(() => undefined);
    const late = await run({ url: silent.url, timeout_seconds: 1 }, toolFor([silent.place]));
    expect(late).toMatchObject({ success: false, errorMessage: 'No answer within 1000 ms.' });
    await silent.close();
  });

  it('keeps as much of a body as was asked for, decoded', async () => {
    answers.set('/zip', { headers: { 'content-encoding': 'gzip' }, body: gzipSync(Buffer.alloc(1_000_000, 'x')) });
    expect(await outputOf('/zip', { max_bytes: 10 })).toMatchObject({
      body: 'x'.repeat(10),
      bytes: 10,
      is_truncated: true,
    });
    expect(await outputOf('/zip')).toMatchObject({ bytes: 65_536, is_truncated: true });
  });

  it('refuses what may not be sent, by its rule', async () => {
    const refused: [HttpRequestParameters, string][] = [
      [{ url: trap.url }, 'port'],
      [{ url: `http://localhost:${trap.port}/` }, 'host_not_allowed'],
      [{ url: 'http://169.254.169.254/latest/meta-data/' }, 'host_not_allowed'],
      [{ url: 'file:///etc/passwd' }, 'scheme'],
      [{ url: `http://a@${site.place}/` }, 'user_info'],
      [{ url: `http://${site.place}\0/` }, 'bad_url'],
      [{ url: site.url, headers: [{ name: 'Host', value: 'x' }] }, 'bad_header'],
      [{ url: site.url, headers: [{ name: 'x', value: 'y\r\nz: 1' }] }, 'bad_header'],
    ];
    for (const [parameters, rule] of refused) {
      const error: unknown = await run(parameters).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(ToolRefusal);
      expect(error).toMatchObject({ rule });
    }
    await expect(run({ url: site.url }, toolFor([site.place], []))).rejects.toMatchObject({ rule: 'private_address' });
    expect(site.seen).toEqual([]);
  });

  it('lists redirects, and tells of one that it did not follow that something was sent before', async () => {
    answers.set('/one', { status: 302, headers: { location: '/two' } });
    expect(await outputOf('/one')).toMatchObject({ url: `${site.url}/two`, redirects: [`${site.url}/one`] });
    for (const [location, rule] of [
      ['http://169.254.169.254/', 'host_not_allowed'],
      [`http://localhost:${trap.port}/`, 'host_not_allowed'],
      [trap.url, 'port'],
      ['file:///etc/passwd', 'scheme'],
    ] as const) {
      answers.set('/away', { status: 302, headers: { location } });
      expect(await run({ url: `${site.url}/away`, method: 'POST' })).toMatchObject({
        success: false,
        errorMessage: expect.stringContaining('A redirect was not followed.') as string,
        output: { redirects: [`${site.url}/away`] },
        metadata: { refused_redirect: rule },
      });
    }
  });

  it('may be repeated after a crash when it is a GET, and only then', () => {
    const tool = toolFor(['*']);
    expect(tool.isRepeatable({ url: 'http://a.example' })).toBe(true);
    expect(tool.isRepeatable({ url: 'http://a.example', method: 'GET' })).toBe(true);
    expect(tool.isRepeatable({ url: 'http://a.example', method: 'POST' })).toBe(false);
  });

  it('has parameters that say what they may be', () => {
    const tool = toolFor(['*']);
    const validate = new Ajv2020({ strict: true }).compile(tool.parametersSchema);
    const url = 'http://a.example/';
    for (const good of [
      { url },
      { url, method: 'POST', body: '', headers: [{ name: 'a', value: 'b' }], max_bytes: 1, timeout_seconds: 60 },
    ]) {
      expect([good, validate(good)]).toEqual([good, true]);
    }
    for (const bad of [
      {},
      { url, method: 'PUT' },
      { url, timeout_seconds: 61 },
      { url, max_bytes: 1_048_577 },
      { url, headers: { a: 'b' } },
      { url, proxy: 'x' },
    ]) {
      expect([bad, validate(bad)]).toEqual([bad, false]);
    }
    expect(tool.check({ url, body: 'x' })).toEqual([{ field: 'body', message: 'A GET request has no body.' }]);
    const twice = [
      { name: 'A', value: '1' },
      { name: 'a', value: '2' },
    ];
    expect(tool.check({ url, headers: twice })).toEqual([{ field: 'headers[1].name', message: 'a is given twice.' }]);
    expect(tool.check({ url, method: 'POST', body: 'x', headers: twice.slice(1) })).toEqual([]);
  });
});

describe('the text of an answer', () => {
  const cases: [string, string | undefined, Buffer, string | undefined][] = [
    ['UTF-8', 'text/html; charset=utf-8', Buffer.from('grüße'), 'grüße'],
    ['no type', undefined, Buffer.from('grüße'), 'grüße'],
    ['a charset', 'text/plain; charset="ISO-8859-1"', Buffer.from('grüße', 'latin1'), 'grüße'],
    ['a charset nobody knows', 'text/plain; charset=none', Buffer.from('grüße'), 'grüße'],
    ['a mark before its charset', 'text/plain; charset=latin1', Buffer.from('\ufeffgrüße'), 'grüße'],
    ['UTF-16', 'text/plain', Buffer.from('\ufeffgrüße', 'utf16le'), 'grüße'],
    [
      'text that is not UTF-8 and does not say so',
      'text/plain',
      Buffer.from('Grüße aus Köln, schöne Stadt', 'latin1'),
      'Grüße aus Köln, schöne Stadt',
    ],
    ['a type with NUL', 'text/plain', Buffer.from('a\0b'), undefined],
    ['bytes', 'application/octet-stream', Buffer.from([0x89, 0x50, 0xff, 0xfe]), undefined],
    ['an image', 'image/png', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0]), undefined],
    ['a lone surrogate', 'text/plain; charset=utf-16le', Buffer.from([0x41, 0, 0, 0xd8]), 'A\ufffd'],
    ['nothing', undefined, Buffer.alloc(0), ''],
  ];

  it.each(cases)('is read: %s', async (_what, type, body, text) => {
    answers.set('/text', { headers: type === undefined ? {} : { 'content-type': type }, body });
    expect(await outputOf('/text')).toMatchObject({
      body: text ?? '',
      is_binary: text === undefined,
      bytes: body.length,
    });
  });

  it('may end in the middle of a character', async () => {
    answers.set('/text', { body: 'ab€' });
    expect(await outputOf('/text', { max_bytes: 4 })).toMatchObject({
      body: 'ab',
      is_binary: false,
      is_truncated: true,
    });
  });
});
