import { request } from 'node:http';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { io, type Socket } from 'socket.io-client';
import { Connections } from '../../src/events/sockets/connections.js';
import { until } from '../support/until.js';

export interface LiveEvent {
  readonly workflow_id: string;
  readonly seq: number;
  readonly type: string;
  readonly at: string;
  readonly data: Record<string, unknown>;
}

export interface Acknowledged {
  readonly ok: boolean;
  readonly last_seq?: number;
  readonly error_code?: string;
  readonly message?: string;
}

const sockets = new Set<Socket>();

/** A client of a namespace, on a connection of its own; it comes again only where `options` say so. */
export function connect(
  url: string,
  namespace: string,
  auth: object,
  options: { reconnection?: boolean } = {},
): Socket {
  const socket = io(`${url}${namespace}`, {
    auth: auth as Record<string, unknown>,
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    reconnectionDelay: 50,
    ...options,
  });
  sockets.add(socket);
  return socket;
}

/** For `afterAll` and `afterEach`. */
export function disconnectAll(): void {
  for (const socket of sockets) socket.disconnect();
  sockets.clear();
}

/** Until the server has seen all clients go, those of the test before among them. */
export async function untilNobodyIsConnected(app: NestExpressApplication): Promise<void> {
  const { open } = app.get<unknown>(Connections) as { open: ReadonlySet<unknown> };
  await until('nobody is connected', () => open.size === 0);
}

/** Resolves when it is let in; throws the refusal, with its `data`. */
export function connected(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
}

/** What it was refused with; throws when it was let in. */
export async function refusalOf(socket: Socket): Promise<{ error_code: string; message: string }> {
  const error = await connected(socket).then(
    () => undefined,
    (refused: unknown) => refused as Error & { data?: { error_code: string; message: string } },
  );
  if (error === undefined) throw new Error('It was let in.');
  if (error.data === undefined) throw new Error(`It was refused without data: ${error.message}`);
  return error.data;
}

/** Resolves with the next message of that name. */
export const next = <Message = unknown>(socket: Socket, event: string): Promise<Message> =>
  new Promise((resolve) => socket.once(event, resolve));

/** What it is acknowledged with. */
export const ask = (socket: Socket, event: string, ...args: unknown[]): Promise<Acknowledged> =>
  socket.timeout(10_000).emitWithAck(event, ...args) as Promise<Acknowledged>;

/** What the first request of a WebSocket is answered with; it is closed then. */
export const upgrade = (url: string, origin?: string): Promise<{ status: number; text: string }> =>
  new Promise((resolve, reject) => {
    const headers = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
      ...(origin !== undefined && { origin }),
    };
    request(`${url}/socket.io/?EIO=4&transport=websocket`, { headers })
      .once('upgrade', ({ statusCode = 0 }, socket) => {
        socket.destroy();
        resolve({ status: statusCode, text: '' });
      })
      .once('response', (response) => {
        response
          .toArray()
          .then(
            (parts) => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString() }),
            reject,
          );
      })
      .once('error', reject)
      .end();
  });
