import { connect, type Socket } from 'node:net';
import { startApp, type TestApp } from '../support/app.js';
import { call } from './client.js';

let nyx: TestApp;
beforeAll(async () => {
  nyx = await startApp();
});
afterAll(() => nyx.close());

/** A connection that sends a beginning, and then a byte now and then until it is closed. @returns what it was answered */
async function slowly(beginning: string): Promise<string> {
  const socket = await new Promise<Socket>((resolve, reject) => {
    const made = connect(Number(new URL(nyx.url).port), '127.0.0.1', () => resolve(made));
    made.on('error', reject);
  });
  let answer = '';
  socket.write(beginning);
  const drip = setInterval(() => socket.writable && socket.write('a'), 500);
  socket.on('data', (chunk) => (answer += chunk.toString()));
  return new Promise((resolve) => {
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearInterval(drip);
      resolve(answer);
    });
  });
}

const LOGIN = 'POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';

it.each([
  ['headers', `${LOGIN}X-Slow: `],
  ['a body', `${LOGIN}Content-Length: 100000\r\n\r\n{"username":"`],
])(
  'who sends %s a byte at a time keeps nobody else out, and is sent away',
  async (_what, beginning) => {
    const server = nyx.app.getHttpServer() as { requestTimeout: number; headersTimeout: number };
    expect(server.headersTimeout).toBeLessThanOrEqual(30_000);
    expect(server.requestTimeout).toBeLessThanOrEqual(120_000);
    // The minutes that a real upload may take are not waited for here.
    server.requestTimeout = server.headersTimeout;
    const slow = Array.from({ length: 200 }, () => slowly(beginning));
    const answers = await Promise.all(Array.from({ length: 20 }, () => call(`${nyx.url}/livez`)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    for (const answer of await Promise.all(slow)) {
      expect(answer).toContain('HTTP/1.1 408 ');
      expect(answer).toContain('REQUEST_TIMEOUT');
    }
  },
  120_000,
);
