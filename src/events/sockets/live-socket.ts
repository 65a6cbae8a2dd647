import type { DefaultEventsMap, Namespace, Socket } from 'socket.io';
import type { Principal } from '../../auth/principal.js';

interface SocketData {
  /** Set before anything of the client is heard. */
  principal: Principal;
}

/** The socket of a client that was let in. */
export type LiveSocket = Socket<DefaultEventsMap, DefaultEventsMap, DefaultEventsMap, SocketData>;
export type LiveNamespace = Namespace<DefaultEventsMap, DefaultEventsMap, DefaultEventsMap, SocketData>;
