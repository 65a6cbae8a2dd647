import { Injectable } from '@nestjs/common';
import { Refusals } from '../../auth/audit/refusals.js';
import { networkOf } from '../../auth/network.rules.js';
import type { Principal } from '../../auth/principal.js';
import { RateLimits } from '../../auth/rate-limits/rate-limits.js';
import { includesRole, type Role } from '../../auth/roles.js';
import { AppConfig } from '../../config/app-config.js';
import { clientAddress } from '../../http/forwarded.rules.js';
import { toProblem } from '../../http/problem-mapping.js';
import { Problem } from '../../http/problem.js';
import { LiveAccess } from '../access/live-access.js';
import { credentialsIn, LivePrincipals } from '../access/live-principals.js';
import { Connections } from './connections.js';
import type { LiveSocket } from './live-socket.js';
import { presentProblem } from './socket-problem.js';

/** Of one principal, on one replica, all namespaces together. */
const MAX_SOCKETS_PER_PRINCIPAL = 2_000;

/** Who is behind each socket of this replica: let in by their credentials, and put out when those end, wherever they were revoked. */
@Injectable()
export class LiveSockets {
  private readonly held = new Map<LiveSocket, () => void>();
  private readonly socketsOf = new Map<string, number>();

  constructor(
    private readonly principals: LivePrincipals,
    private readonly access: LiveAccess,
    private readonly connections: Connections,
    private readonly rates: RateLimits,
    private readonly refusals: Refusals,
    private readonly config: AppConfig,
  ) {}

  /**
   * Finds out who a socket that wants in belongs to.
   * @throws Problem UNAUTHENTICATED, FORBIDDEN below `required`, RATE_LIMITED, OVERLOADED while NYX stops; what the checks throw
   */
  async admit(socket: LiveSocket, required: Role): Promise<void> {
    const { address: remote, headers, auth } = socket.handshake;
    const forwarded = headers['x-forwarded-for'];
    const address = clientAddress(remote, forwarded?.toString(), this.config.http.trustedProxies);
    let actor: Principal | undefined;
    try {
      if (this.connections.isStopping)
        throw new Problem('OVERLOADED', 'NYX stops here; connect again.', { retryAfterSeconds: 1 });
      actor = (await this.principals.admit(credentialsIn(auth))).principal;
      await this.rates.count(`principal:${actor.id}`, 'read');
      if (!includesRole(actor.role, required)) throw new Problem('FORBIDDEN', `This needs the role ${required}.`);
      if ((this.socketsOf.get(actor.id) ?? 0) >= MAX_SOCKETS_PER_PRINCIPAL) {
        const detail = `One principal may have ${MAX_SOCKETS_PER_PRINCIPAL} sockets here.`;
        throw new Problem('RATE_LIMITED', detail, { retryAfterSeconds: 60 });
      }
      socket.data.principal = actor;
    } catch (error) {
      if (actor === undefined) await this.rates.count(`address:${networkOf(address)}`, 'read');
      const { status, code: errorCode } = toProblem(error);
      const act = { actor, action: 'connectSocket', method: 'GET', path: socket.nsp.name, address };
      if (status < 500)
        await this.refusals.note({ ...act, target: undefined, requestId: undefined }, { status, errorCode });
      throw error;
    }
  }

  /** From now on the socket lives as long as its credentials do. */
  add(socket: LiveSocket): void {
    const { id, role } = socket.data.principal;
    const credentials = credentialsIn(socket.handshake.auth);
    this.held.set(socket, this.access.hold({ credentials, role, end: (problem) => end(socket, problem) }));
    this.socketsOf.set(id, (this.socketsOf.get(id) ?? 0) + 1);
  }

  remove(socket: LiveSocket): void {
    const release = this.held.get(socket);
    if (release === undefined) return;
    release();
    this.held.delete(socket);
    const { id } = socket.data.principal;
    const left = (this.socketsOf.get(id) ?? 1) - 1;
    if (left === 0) this.socketsOf.delete(id);
    else this.socketsOf.set(id, left);
  }
}

function end(socket: LiveSocket, problem: Problem): void {
  socket.emit('auth_expired', presentProblem(problem));
  socket.disconnect(true);
}
