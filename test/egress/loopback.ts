import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createSocketServer, type Server, type Socket } from 'node:net';

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The address that was connected to. */
  readonly localAddress: string;
}

export interface Loopback {
  readonly port: number;
  readonly url: string;
  /** As an allowed host. */
  readonly place: string;
  readonly seen: SeenRequest[];
  /** How many connections there were, whatever was sent. */
  connections(): number;
  close(): Promise<void>;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A real HTTP server on 127.0.0.1 that remembers what it was asked; without an answer it is a trap that says 200. */
export async function startLoopback(
  answer: Answer = (_request, response) => response.end('reached'),
): Promise<Loopback> {
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers, socket } = request;
      const body = Buffer.concat(chunks).toString();
      seen.push({ method, path: url, headers, body, localAddress: socket.localAddress ?? '' });
      answer(request, response);
    });
  });
  return { ...(await listening(server)), seen };
}

/** A server that speaks bytes instead of HTTP. */
export async function startSocketServer(onConnection: (socket: Socket) => void): Promise<Loopback> {
  const server = createSocketServer((socket) => {
    socket.on('error', () => socket.destroy());
    onConnection(socket);
  });
  return { ...(await listening(server)), seen: [] };
}

async function listening(server: Server): Promise<Omit<Loopback, 'seen'>> {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    place: `127.0.0.1:${port}`,
    connections: () => connections,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
