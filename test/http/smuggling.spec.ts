import { connect } from 'node:net';
import { startApp, type TestApp } from '../support/app.js';

let nyx: TestApp;
let token: string;

beforeAll(async () => {
  nyx = await startApp();
  token = await nyx.token('operator');
});
afterAll(() => nyx.close());

interface RawAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** Sends a request as it is, which no client of ours would: fetch mends paths and refuses headers. */
function raw(requestLine: string, headers: readonly string[] = [], body = ''): Promise<RawAnswer> {
  const lines = [`${requestLine} HTTP/1.1`, 'Host: nyx', 'Connection: close', ...headers];
  if (body !== '') lines.push('Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`);
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(Number(new URL(nyx.url).port), '127.0.0.1', () => {
      socket.write(Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`, 'latin1'));
    });
    socket.on('data', (chunk) => (text += chunk.toString('latin1')));
    socket.on('close', () => {
      const [head = '', ...rest] = text.split('\r\n\r\n');
      resolve({ status: Number(head.split(' ')[1]), head, body: rest.join('\r\n\r\n') });
    });
    socket.on('error', reject);
  });
}

const signedIn = (): string => `Authorization: Bearer ${token}`;
const ME = '/api/v1/auth/me';

describe('paths beside the files of the documentation', () => {
  const UP = ['..', '%2e%2e', '%2E%2E', '.%2e', '..%2f..', '..%5c..', '..\\..', '....//', '%252e%252e', '%c0%ae%c0%ae'];
  const FILES = ['package.json', 'etc/passwd', '.env', 'swagger-ui.css.map', 'index.html', 'nyx_data'];
  const probes = ['/docs', '/redoc', '/docs/swagger-ui.css', ''].flatMap((base) =>
    UP.flatMap((up) => FILES.map((file) => `${base}/${up}/${file}`)),
  );
  const others = ['/docs//etc/passwd', '/docs/%2fetc%2fpasswd', '/docs/%00', '/docs/swagger-ui.css%00.html', '/docs\\'];

  it('give no file, and tell no path', async () => {
    const wrong: string[] = [];
    for (const path of [...probes, ...others]) {
      const { status, body } = await raw(`GET ${path}`);
      const isRefused = status === 400 || status === 404;
      if (!isRefused || !body.startsWith('{"type":"urn:nyx') || body.includes(process.cwd())) {
        wrong.push(`${path}: ${status} ${body.slice(0, 100)}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('lead past no guard', async () => {
    for (const path of [
      '/docs/../api/v1/auth/me',
      '/docs/%2e%2e/api/v1/auth/me',
      '//api/v1/auth/me',
      '/api/v1/auth/me/',
    ]) {
      const { status } = await raw(`GET ${path}`);
      expect({ path, isRefused: [400, 401, 404].includes(status) }).toEqual({ path, isRefused: true });
    }
    expect((await raw('GET http://elsewhere.example/api/v1/auth/me')).status).toBe(401);
  });
});

describe('headers', () => {
  it.each(['X-Request-Id', 'Idempotency-Key', 'Prefer', 'Accept-Language', 'Origin'])(
    '%s with line breaks or control characters adds no header to the answer',
    async (name) => {
      const prompts = { system_prompt: 'Be brief.', user_prompt: 'Say hello.', max_tokens: 20 };
      for (const value of [
        'a\nX-Injected: 1',
        'a\rX-Injected: 1',
        'a\x0bX-Injected: 1',
        'a\x00b',
        'a%0d%0aX-Injected:1',
        'a\x85X',
      ]) {
        const { head, status } = await raw(
          'POST /api/v1/llm/generate',
          [signedIn(), `${name}: ${value}`],
          JSON.stringify(prompts),
        );
        expect(head).not.toMatch(/^x-injected/im);
        expect(status).toBeLessThan(500);
        const given = /^x-request-id: (.*)$/im.exec(head)?.[1] ?? '';
        expect(given).toMatch(/^[0-9a-f-]{36}\r?$/);
      }
    },
  );

  it('given twice are never the credentials of somebody else', async () => {
    const key = 'X-API-Key: nyx_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa';
    expect((await raw(`GET ${ME}`, [signedIn(), signedIn()])).status).toBe(200);
    expect((await raw(`GET ${ME}`, ['Authorization: Bearer x', signedIn()])).status).toBe(401);
    expect((await raw(`GET ${ME}`, [key, key])).status).toBe(401);
    expect((await raw(`GET ${ME}`, ['Host: other'])).status).toBe(401);
  });

  it('given twice, Idempotency-Key and Prefer and X-Request-Id are refused or taken as one, never a 5xx', async () => {
    const body = JSON.stringify({ system_prompt: 'Be brief.', user_prompt: 'Say hello.', max_tokens: 20 });
    for (const name of ['Idempotency-Key', 'Prefer', 'X-Request-Id', 'Content-Type', 'Accept', 'Transfer-Encoding']) {
      const { status } = await raw('POST /api/v1/llm/generate', [signedIn(), `${name}: a`, `${name}: b`], body);
      expect({ name, isAnswered: status >= 200 && status < 500 }).toEqual({ name, isAnswered: true });
    }
  });

  it.each(['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override'])('%s changes nothing', async (name) => {
    const { status, body } = await raw(`GET ${ME}`, [signedIn(), `${name}: DELETE`]);
    expect({ status, body: body.includes('"role":"operator"') }).toEqual({ status: 200, body: true });
    expect((await raw(`GET ${ME}?_method=DELETE`, [signedIn()])).status).toBeLessThan(405);
  });

  it.each([
    'X-Original-URL: /api/v1/auth/users',
    'X-Rewrite-URL: /api/v1/auth/users',
    'X-Forwarded-Prefix: /api/v1/auth/users',
    'X-Forwarded-Host: evil.example',
    'Forwarded: for=127.0.0.1;host=evil.example',
  ])('%s leads nowhere else', async (header) => {
    const { status, body, head } = await raw(`GET ${ME}`, [signedIn(), header]);
    expect(status).toBe(200);
    expect(`${head}${body}`).not.toContain('evil.example');
    expect(body).toContain('"role":"operator"');
  });
});
