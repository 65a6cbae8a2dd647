import type { IncomingMessage } from 'node:http';
import { IoAdapter } from '@nestjs/platform-socket.io';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Server, type ServerOptions } from 'socket.io';
import type { AppConfig } from '../../config/app-config.js';
import { notFound } from '../../http/problem.js';
import type { EngineSocket } from './connection.js';
import { Connections } from './connections.js';
import { refusal } from './refusal.js';

/** Below it are those who speak Socket.IO. */
export const SOCKET_PATH = '/socket.io/';
/** Of a message of a client; the largest is the token that it comes with. */
const MAX_MESSAGE_BYTES = 16 * 1024;
/** What proxies close is silent for longer. */
const PING_INTERVAL_MS = 20_000;
const PING_TIMEOUT_MS = 10_000;
/** A connection that nobody signed in on. */
const CONNECT_TIMEOUT_MS = 10_000;

type Allow = (error: string | null | undefined, isAllowed: boolean) => void;

/** Socket.IO at `/socket.io`, by WebSocket only: a connection is one stream, so that any replica may have it and no balancer has to be sticky. */
export class SocketAdapter extends IoAdapter {
  constructor(
    private readonly app: NestExpressApplication,
    private readonly config: AppConfig,
  ) {
    super(app);
  }

  private get connections(): Connections {
    return this.app.get(Connections);
  }

  override createIOServer(port: number, options?: Partial<ServerOptions>): Server {
    const ours: Partial<ServerOptions> = {
      ...options,
      path: SOCKET_PATH,
      // All other upgrades are ignored, which engine.io would not know.
      destroyUpgrade: false,
      transports: ['websocket'],
      serveClient: false,
      cors: { origin: [...this.config.http.corsOrigins], credentials: true },
      allowRequest: (request: IncomingMessage, allow: Allow) => this.allow(request, allow),
      maxHttpBufferSize: MAX_MESSAGE_BYTES,
      pingInterval: PING_INTERVAL_MS,
      pingTimeout: PING_TIMEOUT_MS,
      connectTimeout: CONNECT_TIMEOUT_MS,
    };
    // Attached to nothing where requests are not taken: those for a socket are refused as all others are.
    if (!this.config.duties.includes('api')) return new Server(ours);
    const server = super.createIOServer(port, ours as ServerOptions);
    server.engine.on('connection', (engine: EngineSocket) => this.connections.add(engine));
    // Clients without a namespace get there.
    server.use((_socket, next) => next(refusal(notFound('This namespace'))));
    return server;
  }

  /** The HTTP server is closed by who opened it. */
  override async close(server: unknown): Promise<void> {
    if (!(server instanceof Server)) return;
    if (this.config.duties.includes('api')) server.engine.close();
    await Promise.resolve();
  }

  /** CORS does not hold for WebSockets, so foreign pages are refused here. */
  private allow({ headers: { origin, host } }: IncomingMessage, allow: Allow): void {
    if (this.connections.isStopping) {
      allow('NYX stops', false);
      return;
    }
    const isOurs = origin === undefined || this.config.http.corsOrigins.includes(origin) || isAt(origin, host);
    allow(isOurs ? null : 'this origin is not allowed', isOurs);
  }
}

const isAt = (origin: string, host: string | undefined): boolean =>
  URL.canParse(origin) && new URL(origin).host === host;
