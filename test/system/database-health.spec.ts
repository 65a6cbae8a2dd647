import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import pg from 'pg';
import type { Database } from '../../src/database/database.service.js';
import { DatabaseHealth } from '../../src/system/components/database.health.js';

/** Takes connections and never says a word, like a PostgreSQL that is stopped or behind a dead network. */
class SilentServer {
  private readonly sockets = new Set<Socket>();
  private readonly server: Server = createServer((socket) => this.sockets.add(socket));

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return (this.server.address() as AddressInfo).port;
  }

  get connections(): number {
    return this.sockets.size;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

const healthOn = (pool: pg.Pool): DatabaseHealth => new DatabaseHealth({ pool } as unknown as Database);

const poolAt = (port: number): pg.Pool => {
  const pool = new pg.Pool({ host: '127.0.0.1', port, max: 5, connectionTimeoutMillis: 3_000 });
  pool.on('error', () => undefined);
  return pool;
};

describe('the health of the database', () => {
  it('is known although the server never answers, at the price of one connection', async () => {
    const server = new SilentServer();
    const pool = poolAt(await server.listen());
    const health = healthOn(pool);
    const answers = await Promise.all(Array.from({ length: 20 }, () => health.check()));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set(['unhealthy']));
    expect(server.connections).toBe(1);
    await server.close();
    await pool.end();
  });

  it('is unhealthy at once when nothing listens', async () => {
    const server = new SilentServer();
    const port = await server.listen();
    await server.close();
    const pool = poolAt(port);
    expect(await healthOn(pool).check()).toEqual({
      status: 'unhealthy',
      connection: 'disconnected',
      latency_ms: null,
    });
    await pool.end();
  });
});
