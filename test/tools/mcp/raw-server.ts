import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Message {
  readonly id?: number;
  readonly method: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

/** Answers a message itself; true: it did. */
type Trick = (message: Message, response: ServerResponse, request: IncomingMessage) => boolean;

/** A server that speaks just enough of the protocol to be believed, and then does what `trick` says. */
export class RawServer {
  /** Methods of the messages it was sent; `GET` for event streams. */
  readonly received: string[] = [];
  private readonly http: Server;

  private constructor(trick: Trick) {
    this.http = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => this.answer(body, request, response, trick));
    });
  }

  static async start(trick: Trick = () => false): Promise<RawServer> {
    const server = new RawServer(trick);
    await new Promise<void>((resolve) => server.http.listen(0, '127.0.0.1', resolve));
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}/mcp`;
  }

  async stop(): Promise<void> {
    this.http.closeAllConnections();
    await new Promise((resolve) => this.http.close(resolve));
  }

  private answer(body: string, request: IncomingMessage, response: ServerResponse, trick: Trick): void {
    const message = request.method === 'POST' ? (JSON.parse(body) as Message) : { method: request.method ?? '' };
    this.received.push(message.method);
    response.on('error', () => undefined);
    if (trick(message, response, request)) return;
    if (message.method === 'GET') response.writeHead(405).end();
    else if (message.id === undefined) response.writeHead(202).end();
    else reply(response, message.id, resultOf(message));
  }
}

export function reply(response: ServerResponse, id: number | undefined, result: unknown): true {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ jsonrpc: '2.0', id, result }));
  return true;
}

function resultOf({ method }: Message): unknown {
  if (method === 'initialize') {
    const serverInfo = { name: 'raw', version: '1' };
    return { protocolVersion: '2025-06-18', capabilities: { tools: { listChanged: true } }, serverInfo };
  }
  if (method === 'tools/list') return { tools: [{ name: 'act', inputSchema: { type: 'object' } }] };
  return { content: [{ type: 'text', text: 'done' }] };
}
