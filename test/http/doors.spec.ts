import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { Public } from '../../src/auth/access.decorators.js';
import { Produces } from '../../src/http/content-negotiation.js';
import { call, expectProblem } from './client.js';
import { ORIGIN, startProbe, type ProbeApp } from './probe-app.js';

@Public()
@Controller('probe')
class DoorsProbe {
  @Get()
  read(): { ok: true } {
    return { ok: true };
  }

  @Post()
  @HttpCode(200)
  write(@Body() body: Record<string, unknown>): { size: number } {
    return { size: JSON.stringify(body).length };
  }

  @Get('text')
  @Produces('text/plain')
  text(): string {
    return 'text';
  }
}

let probe: ProbeApp;
let url: string;
beforeAll(async () => {
  probe = await startProbe([DoorsProbe]);
  url = `${probe.url}/probe`;
});
afterAll(() => probe.close());

/** Sends bytes as they are and gives what comes back until the server closes. */
function sendRaw(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(new URL(probe.url).port), '127.0.0.1', () => socket.write(bytes));
    socket.setTimeout(5000, () => socket.destroy(new Error('no answer')));
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}

function expectRawProblem(answer: string, status: number, code: string): void {
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  expect(head).toContain(`HTTP/1.1 ${status} `);
  expect(head).toContain('application/problem+json');
  const problem = JSON.parse(body) as { request_id: string };
  expect(problem).toMatchObject({ status, error_code: code, error: true });
  expect(problem.request_id).not.toBe('');
}

describe('addresses and methods', () => {
  it('an unknown address is 404', async () => {
    expectProblem(await call(`${probe.url}/nowhere`), 404, 'NOT_FOUND');
    expectProblem(await call(`${probe.url}/nowhere`, { body: {} }), 404, 'NOT_FOUND');
    expectProblem(await call(`${probe.url}/nowhere`, { method: 'OPTIONS' }), 404, 'NOT_FOUND');
  });

  it.each(['DELETE', 'PUT', 'PATCH'])('%s of a known address is 405 with Allow', async (method) => {
    const answer = await call(url, { method });
    expectProblem(answer, 405, 'METHOD_NOT_ALLOWED');
    expect(answer.headers.get('allow')).toBe('GET, HEAD, OPTIONS, POST');
  });

  it('the method cannot be overridden', async () => {
    expect((await call(url, { body: {}, headers: { 'x-http-method-override': 'DELETE' } })).status).toBe(200);
  });

  it('HEAD is GET without its body, OPTIONS tells the methods', async () => {
    const head = await call(url, { method: 'HEAD' });
    expect({ status: head.status, text: head.text }).toEqual({ status: 200, text: '' });
    const options = await call(url, { method: 'OPTIONS' });
    expect({ status: options.status, allow: options.headers.get('allow') }).toEqual({
      status: 204,
      allow: 'GET, HEAD, OPTIONS, POST',
    });
  });

  it('accepts decide: 406 when nothing fits', async () => {
    for (const accept of ['text/html', 'image/*', 'application/json;q=0', 'nonsense']) {
      expectProblem(await call(url, { headers: { accept } }), 406, 'NOT_ACCEPTABLE');
    }
    for (const accept of ['*/*', 'application/*', 'text/html, application/json;q=0.1']) {
      expect((await call(url, { headers: { accept } })).status).toBe(200);
    }
    expect((await call(`${url}/text`, { headers: { accept: 'text/plain' } })).status).toBe(200);
    expectProblem(await call(`${url}/text`, { headers: { accept: 'application/json' } }), 406, 'NOT_ACCEPTABLE');
  });
});

describe('bodies', () => {
  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'nonsense', ''])(
    'content type %j is 415',
    async (type) => {
      const answer = await call(url, { method: 'POST', headers: { 'content-type': type }, body: '{"a":1}' });
      expectProblem(answer, 415, 'UNSUPPORTED_MEDIA_TYPE');
    },
  );

  it('a charset or encoding we do not know is 415', async () => {
    for (const [name, value] of [
      ['content-type', 'application/json; charset=latin1'],
      ['content-encoding', 'rot13'],
      ['content-encoding', 'gzip'],
    ] as const) {
      expectProblem(await call(url, { headers: { [name]: value }, body: '{}' }), 415, 'UNSUPPORTED_MEDIA_TYPE');
    }
  });

  it('a body over 1 MiB is 413', async () => {
    const fits = JSON.stringify({ a: 'x'.repeat(1024 * 1024 - 8) });
    expect((await call(url, { body: fits })).status).toBe(200);
    expectProblem(await call(url, { body: `${fits} ` }), 413, 'PAYLOAD_TOO_LARGE');
  });

  it('a packed body is 415, whatever is in it', async () => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      body: gzipSync('{"a":1}'),
    });
    expect(response.status).toBe(415);
    expect(await response.text()).toContain('without a content encoding');
  });

  const membersOf = (count: number): object =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => [`m${n}`, n]));
  const ofValues = (count: number): object => ({
    a: Array.from({ length: 100 }, () => Array<number>(count / 100 - 1).fill(1)),
  });

  it.each([
    ['members of an object', membersOf(1_000), membersOf(1_001), 'body', 'must have at most 1000 members'],
    [
      'members of one within',
      { a: [membersOf(1_000), membersOf(1_000)] },
      { a: [{}, membersOf(1_001)] },
      'a.1',
      'must have at most 1000 members',
    ],
    ['values', ofValues(99_900), ofValues(100_000), 'body', 'must have at most 100000 values in all'],
  ])('too many %s are refused', async (_what, fits, tooMany, field, message) => {
    expect((await call(url, { body: fits })).status).toBe(200);
    const { errors } = expectProblem(await call(url, { body: tooMany }), 400, 'VALIDATION_ERROR');
    expect(errors).toEqual([{ field, message }]);
  });

  it('of very many errors the first are told', async () => {
    const answer = await call(`${probe.url}/api/v1/auth/login`, { body: membersOf(1_000) });
    expect(expectProblem(answer, 400, 'VALIDATION_ERROR').errors).toHaveLength(100);
  });
});

describe('what is hardly HTTP', () => {
  it('too large headers are 431', async () => {
    const answer = await sendRaw(`GET /probe HTTP/1.1\r\nHost: x\r\nX-Big: ${'x'.repeat(20_000)}\r\n\r\n`);
    expectRawProblem(answer, 431, 'HEADERS_TOO_LARGE');
  });

  it.each([
    ['no HTTP at all', 'hello there\r\n\r\n'],
    ['an unknown method', 'BREW /probe HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a broken header', 'GET /probe HTTP/1.1\r\nHost: x\r\nbroken header\r\n\r\n'],
    ['two lengths', 'POST /probe HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    [
      'smuggling',
      'POST /probe HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
  ])('%s is a 400 problem', async (_what, bytes) => {
    expectRawProblem(await sendRaw(bytes), 400, 'VALIDATION_ERROR');
  });
});

it('an expectation that nobody knows is no obstacle', async () => {
  const answer = await sendRaw('GET /probe HTTP/1.1\r\nHost: x\r\nExpect: miracles\r\nConnection: close\r\n\r\n');
  expect(answer).toContain('HTTP/1.1 200 ');
});

describe('headers', () => {
  it('are strict and say nothing of the server', async () => {
    const { headers } = await call(url);
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'none';base-uri 'none';form-action 'none';frame-ancestors 'none'",
    );
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('DENY');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('server')).toBeNull();
  });

  it('CORS knows the listed origins only', async () => {
    const asked = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' };
    const preflight = await call(url, { method: 'OPTIONS', headers: { origin: ORIGIN, ...asked } });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(preflight.headers.get('access-control-allow-credentials')).toBe('true');
    expect(preflight.headers.get('access-control-allow-headers')).toBe(
      'Authorization,X-API-Key,Content-Type,Idempotency-Key,Prefer,Last-Event-ID,X-Request-Id',
    );
    const answer = await call(url, { headers: { origin: ORIGIN } });
    expect(answer.headers.get('access-control-expose-headers')).toBe(
      'Location,Retry-After,RateLimit-Limit,RateLimit-Remaining,RateLimit-Reset,X-Request-Id',
    );
    for (const origin of ['http://evil.example', 'null', `${ORIGIN}.evil.example`]) {
      const foreign = await call(url, { method: 'OPTIONS', headers: { origin, ...asked } });
      expect(foreign.headers.get('access-control-allow-origin')).toBeNull();
    }
  });
});
