import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { closeAll, watchConnections } from '../../src/http/unused-connections.js';
import { startApp, type TestApp } from '../support/app.js';
import { until } from '../support/until.js';

let nyx: TestApp;
beforeAll(async () => {
  nyx = await startApp();
});
// It also ends: a connection that is kept would hold it up.
afterAll(() => nyx.close());

const H2C = [
  'Connection: Upgrade, HTTP2-Settings',
  'Upgrade: h2c',
  'HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA',
];

const requestOf = (line: string, headers: readonly string[] = []): string =>
  `${line} HTTP/1.1\r\nHost: nyx\r\n${headers.map((header) => `${header}\r\n`).join('')}\r\n`;

class Connection {
  heard = '';
  private constructor(readonly socket: Socket) {
    socket.setEncoding('latin1').on('data', (chunk: string) => (this.heard += chunk));
  }

  static async open(url: string): Promise<Connection> {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    await once(socket, 'connect');
    return new Connection(socket);
  }

  get statuses(): number[] {
    return [...this.heard.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => Number(status));
  }

  async untilAnswers(count: number): Promise<number[]> {
    await until(`${count} answers`, () => this.statuses.length >= count && this.heard.endsWith('}'));
    return this.statuses;
  }
}

describe('a request that asks for an upgrade that nobody takes', () => {
  let connection: Connection;
  beforeEach(async () => {
    connection = await Connection.open(nyx.url);
  });
  afterEach(() => connection.socket.destroy());

  it('is answered as without it, and so is the next one of its connection', async () => {
    connection.socket.write(requestOf('GET /health', H2C));
    expect(await connection.untilAnswers(1)).toEqual([200]);
    connection.socket.write(requestOf('GET /api/v1/auth/me', ['Connection: upgrade', 'Upgrade: TLS/1.0']));
    expect(await connection.untilAnswers(2)).toEqual([200, 401]);
    connection.socket.write(requestOf('GET /health', ['Connection: close']));
    await once(connection.socket, 'close');
    expect(connection.statuses).toEqual([200, 401, 200]);
  });

  it('is answered with its body, which comes later', async () => {
    const body = JSON.stringify({ username: 'admin', password: 'not the password' });
    const headers = ['Content-Type: application/json', `Content-Length: ${body.length}`];
    connection.socket.write(requestOf('POST /api/v1/auth/login', [...H2C, ...headers]));
    await sleep(20);
    connection.socket.write(body.slice(0, 5));
    await sleep(20);
    connection.socket.write(body.slice(5));
    expect(await connection.untilAnswers(1)).toEqual([401]);
    expect(connection.heard).toContain('"error_code":"UNAUTHENTICATED"');
  });

  it('ends its connection where it was sent before the answer to another, and harms nobody', async () => {
    connection.socket.on('error', () => undefined);
    connection.socket.write(requestOf('GET /api/v1/auth/me') + requestOf('GET /health', H2C));
    connection.socket.resetAndDestroy();
    const other = await Connection.open(nyx.url);
    other.socket.on('error', () => undefined);
    other.socket.write(requestOf('GET /api/v1/auth/me') + requestOf('GET /health', H2C));
    await once(other.socket, 'close');
    expect((await fetch(`${nyx.url}/livez`)).status).toBe(200);
  });

  it('may have as many headers as any, and no body that is another request', async () => {
    const body = requestOf('GET /smuggled');
    const many = Array.from({ length: 1_100 }, (_, index) => `x${index}: 1`);
    const headers = [...H2C, ...many, 'Content-Type: text/plain', `Content-Length: ${body.length}`];
    connection.socket.on('error', () => undefined);
    connection.socket.write(requestOf('POST /nowhere', headers) + body);
    await connection.untilAnswers(1);
    connection.socket.write(requestOf('GET /health', ['Connection: close']));
    await once(connection.socket, 'close');
    expect(connection.heard).not.toContain('/smuggled');
    expect(connection.statuses.length).toBeLessThanOrEqual(2);
  });

  it('is a problem where there are no WebSockets', async () => {
    const headers = ['Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='];
    connection.socket.write(requestOf('GET /ws/workflows', ['Connection: Upgrade', ...headers]));
    expect(await connection.untilAnswers(1)).toEqual([404]);
    expect(connection.heard).toContain('application/problem+json');
  });
});

it('a connection that was handed over keeps no server from closing', async () => {
  const server = createServer().on('upgrade', (_request, socket) => socket.pause());
  watchConnections(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { socket } = await Connection.open(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  socket.on('error', () => undefined).write(requestOf('GET /', H2C));
  await once(server, 'upgrade');
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  closeAll(server);
  await closed;
});
