import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { until } from '../support/until.js';

/** What stands for a replica where it matters what that does. */
export class Upstream {
  readonly seen: IncomingMessage[] = [];
  readonly connections = new Set<Socket>();
  answer: (response: ServerResponse, request: IncomingMessage) => void = (response) => response.end('good');

  private constructor(private readonly server: Server) {}

  static async start(): Promise<Upstream> {
    const server = createServer({ keepAliveTimeout: 75_000 });
    const upstream = new Upstream(server);
    server.on('connection', (socket: Socket) => upstream.connections.add(socket));
    server.on('request', (asked: IncomingMessage, response: ServerResponse) => {
      upstream.seen.push(asked);
      asked.resume().once('end', () => upstream.answer(response, asked));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return upstream;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }
}

/** Of a process that accepts nothing, and whose queue is full: who connects waits. */
export async function hangingPort(): Promise<{ port: number; close: () => void }> {
  const listening = `const server = require('net').createServer();
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(server.address().port));`;
  const child = spawn(process.execPath, ['-e', listening], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  child.kill('SIGSTOP');
  const port = Number(line.toString());
  const waiting = Array.from({ length: 4 }, () => connect(port, '127.0.0.1').on('error', () => undefined));
  const close = (): void => {
    child.kill('SIGKILL');
    for (const socket of waiting) socket.destroy();
  };
  try {
    await until('its queue is full', () => waiting.filter(({ connecting }) => !connecting).length >= 2);
  } catch (error) {
    close();
    throw error;
  }
  return { port, close };
}
