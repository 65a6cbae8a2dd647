import type { Server } from 'node:http';
import type { Socket } from 'node:net';

const opened = new WeakMap<Server, Set<Socket>>();

/** To be called before the server listens, so that those below know its connections. */
export function watchConnections(server: Server): void {
  const sockets = new Set<Socket>();
  opened.set(server, sockets);
  server.on('connection', (socket: Socket) => {
    // One whose upgrade was ignored comes again.
    if (sockets.has(socket)) return;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
}

/** Closes those on which nothing is going on; Node takes one on which nothing ever came for busy, and would wait for its client. */
export function closeUnused(server: Server): void {
  server.closeIdleConnections();
  for (const socket of opened.get(server) ?? []) if (socket.bytesRead === 0) socket.destroy();
}

/** Also of those that the server does not know any more, because they were upgraded, and would wait for. */
export function closeAll(server: Server): void {
  for (const socket of opened.get(server) ?? []) socket.destroy();
}
