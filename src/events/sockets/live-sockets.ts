import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { Refusals } from '../../auth/audit/refusals.js';
import { networkOf } from '../../auth/login-throttle.rules.js';
import type { Admission, Principal } from '../../auth/principal.js';
import { RateLimits } from '../../auth/rate-limits/rate-limits.js';
import { includesRole, type Role } from '../../auth/roles.js';
import { ACCESS_CHANNEL } from '../../auth/sessions.service.js';
import { AppConfig } from '../../config/app-config.js';
import { Notifications } from '../../database/notifications.service.js';
import { clientAddress } from '../../http/forwarded.rules.js';
import { toProblem } from '../../http/problem-mapping.js';
import { Problem } from '../../http/problem.js';
import { WakefulLoop } from '../../waiting/wakeful-loop.js';
import { Connections } from './connections.js';
import type { LiveSocket } from './live-socket.js';
import { credentialsIn, type Credentials, SocketPrincipals } from './socket-principals.js';
import { presentProblem } from './socket-problem.js';

/** Of one principal, on one replica, all namespaces together. */
const MAX_SOCKETS_PER_PRINCIPAL = 2_000;
/** For a notification that was lost, and for credentials that expire later than a timer can wait. */
const CHECK_EVERY_MS = 30_000;
const CHECKS_AT_ONCE = 8;
const LONGEST_TIMER_MS = 2_147_483_647;

interface Holder {
  readonly socket: LiveSocket;
  readonly credentials: Credentials;
  readonly principal: Principal;
  readonly timer: NodeJS.Timeout | undefined;
}

interface Admitted extends Admission {
  readonly credentials: Credentials;
  /** Whether anything was revoked since shows when it is another by then. */
  readonly revocations: number;
}

/** Who is behind each socket of this replica: let in by their credentials, and put out when those end, wherever they were revoked. */
@Injectable()
export class LiveSockets implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(LiveSockets.name);
  private readonly admitted = new WeakMap<LiveSocket, Admitted>();
  private readonly holders = new Map<LiveSocket, Holder>();
  private readonly socketsOf = new Map<string, number>();
  private readonly checks = new WakefulLoop(() => this.checkAll());
  private revocations = 0;

  constructor(
    private readonly principals: SocketPrincipals,
    private readonly connections: Connections,
    private readonly rates: RateLimits,
    private readonly refusals: Refusals,
    private readonly config: AppConfig,
    notifications: Notifications,
  ) {
    const revoked = (): void => {
      this.revocations += 1;
      this.checks.wake();
    };
    notifications.on(ACCESS_CHANNEL, revoked);
    notifications.onReconnect(revoked);
  }

  onModuleInit(): void {
    this.checks.wake();
  }

  async onModuleDestroy(): Promise<void> {
    await this.checks.stop();
  }

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
      const revocations = this.revocations;
      if (this.connections.isStopping)
        throw new Problem('OVERLOADED', 'NYX stops here; connect again.', { retryAfterSeconds: 1 });
      const credentials = credentialsIn(auth);
      const admission = await this.principals.admit(credentials);
      actor = admission.principal;
      await this.rates.count(`principal:${actor.id}`, 'read');
      if (!includesRole(actor.role, required)) throw new Problem('FORBIDDEN', `This needs the role ${required}.`);
      if ((this.socketsOf.get(actor.id) ?? 0) >= MAX_SOCKETS_PER_PRINCIPAL) {
        const detail = `One principal may have ${MAX_SOCKETS_PER_PRINCIPAL} sockets here.`;
        throw new Problem('RATE_LIMITED', detail, { retryAfterSeconds: 60 });
      }
      socket.data.principal = actor;
      this.admitted.set(socket, { ...admission, credentials, revocations });
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
    const admission = this.admitted.get(socket);
    if (admission === undefined) throw new Error('This socket was never admitted.');
    const { principal, credentials, expiresAt, revocations } = admission;
    const leftMs = expiresAt && expiresAt.getTime() - Date.now();
    const timer =
      leftMs === undefined
        ? undefined
        : setTimeout(() => void this.check([holder]), Math.min(leftMs, LONGEST_TIMER_MS));
    timer?.unref();
    const holder: Holder = { socket, credentials, principal, timer };
    this.holders.set(socket, holder);
    this.socketsOf.set(principal.id, (this.socketsOf.get(principal.id) ?? 0) + 1);
    if (revocations !== this.revocations) void this.check([holder]);
  }

  remove(socket: LiveSocket): void {
    const holder = this.holders.get(socket);
    if (holder === undefined) return;
    clearTimeout(holder.timer);
    this.holders.delete(socket);
    const left = (this.socketsOf.get(holder.principal.id) ?? 1) - 1;
    if (left === 0) this.socketsOf.delete(holder.principal.id);
    else this.socketsOf.set(holder.principal.id, left);
  }

  private async checkAll(): Promise<number> {
    const bySecret = new Map<string, Holder[]>();
    for (const holder of this.holders.values()) {
      const { secret } = holder.credentials;
      const group = bySecret.get(secret);
      if (group === undefined) bySecret.set(secret, [holder]);
      else group.push(holder);
    }
    const groups = [...bySecret.values()];
    for (let start = 0; start < groups.length; start += CHECKS_AT_ONCE) {
      await Promise.all(groups.slice(start, start + CHECKS_AT_ONCE).map((group) => this.check(group)));
    }
    return CHECK_EVERY_MS;
  }

  /** @param holders of the same credentials. Where the checks cannot be made now they are made later. */
  private async check(holders: readonly Holder[]): Promise<void> {
    const [first] = holders;
    if (first === undefined) return;
    try {
      const { principal } = await this.principals.admit(first.credentials);
      if (principal.role === first.principal.role) return;
      end(holders, new Problem('UNAUTHENTICATED', 'Your role is another now; connect again.'));
    } catch (error) {
      const problem = toProblem(error);
      if (problem.status >= 500) this.logger.warn(`${holders.length} sockets could not be checked: ${problem.detail}`);
      else
        end(
          holders,
          new Problem(problem.code, 'What you signed in with is not valid any more; sign in and connect again.'),
        );
    }
  }
}

function end(holders: readonly Holder[], problem: Problem): void {
  for (const { socket } of holders) {
    socket.emit('auth_expired', presentProblem(problem));
    socket.disconnect(true);
  }
}
