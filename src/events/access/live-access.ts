import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { Role } from '../../auth/roles.js';
import { ACCESS_CHANNEL } from '../../auth/sessions.service.js';
import { Notifications } from '../../database/notifications.service.js';
import { toProblem } from '../../http/problem-mapping.js';
import { Problem } from '../../http/problem.js';
import { WakefulLoop } from '../../waiting/wakeful-loop.js';
import { type Credentials, LivePrincipals } from './live-principals.js';

/** For a notification that was lost, and for credentials that expire later than a timer can wait. */
const CHECK_EVERY_MS = 30_000;
const CHECKS_AT_ONCE = 8;
const LONGEST_TIMER_MS = 2_147_483_647;

/** What lasts longer than a request, and whose it is. */
export interface LiveHolder {
  readonly credentials: Credentials;
  /** That it was let in with. */
  readonly role: Role;
  /** Called once, when what it came with does not hold any more. */
  readonly end: (problem: Problem) => void;
}

/** Sockets and streams of this replica live as long as what they came with, wherever that is revoked. */
@Injectable()
export class LiveAccess implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(LiveAccess.name);
  /** With what wakes each when its credentials expire. */
  private readonly holders = new Map<LiveHolder, NodeJS.Timeout | undefined>();
  private readonly checks = new WakefulLoop(() => this.checkAll());

  constructor(
    private readonly principals: LivePrincipals,
    notifications: Notifications,
  ) {
    const revoked = (): void => this.checks.wake();
    notifications.on(ACCESS_CHANNEL, revoked);
    notifications.onReconnect(revoked);
  }

  onModuleInit(): void {
    this.checks.wake();
  }

  async onModuleDestroy(): Promise<void> {
    await this.checks.stop();
  }

  /** @returns how to let go of it */
  hold(holder: LiveHolder): () => void {
    this.holders.set(holder, undefined);
    // What was revoked since it was let in woke nobody for it.
    void this.check([holder]);
    return () => this.release(holder);
  }

  private release(holder: LiveHolder): void {
    clearTimeout(this.holders.get(holder));
    this.holders.delete(holder);
  }

  private async checkAll(): Promise<number> {
    const bySecret = new Map<string, LiveHolder[]>();
    for (const holder of this.holders.keys()) {
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
  private async check(holders: readonly LiveHolder[]): Promise<void> {
    const [first] = holders;
    if (first === undefined) return;
    try {
      const { principal, expiresAt } = await this.principals.admit(first.credentials);
      for (const holder of holders) {
        if (principal.role === holder.role) this.expect(holder, expiresAt);
        else this.end(holder, new Problem('UNAUTHENTICATED', 'Your role is another now; connect again.'));
      }
    } catch (error) {
      const { status, code, detail } = toProblem(error);
      if (status >= 500) this.logger.warn(`${holders.length} connections could not be checked: ${detail}`);
      else
        for (const holder of holders)
          this.end(
            holder,
            new Problem(code, 'What you signed in with is not valid any more; sign in and connect again.'),
          );
    }
  }

  private expect(holder: LiveHolder, expiresAt: Date | undefined): void {
    if (expiresAt === undefined || !this.holders.has(holder)) return;
    clearTimeout(this.holders.get(holder));
    const leftMs = Math.min(expiresAt.getTime() - Date.now(), LONGEST_TIMER_MS);
    this.holders.set(holder, setTimeout(() => void this.check([holder]), leftMs).unref());
  }

  private end(holder: LiveHolder, problem: Problem): void {
    if (!this.holders.has(holder)) return;
    this.release(holder);
    holder.end(problem);
  }
}
