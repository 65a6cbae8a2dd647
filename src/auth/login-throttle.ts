import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.service.js';
import { Problem } from '../http/problem.js';
import { FairQueue, QueueTimeout } from '../waiting/fair-queue.js';
import { FORGOTTEN_AFTER_SECONDS, KNOWN_FOR_SECONDS, pauseSeconds, type ThrottleKind } from './login-throttle.rules.js';
import { networkOf } from './network.rules.js';
import { hashOf } from './tokens.js';

/** Password checks at once, on one replica: each takes 19 MiB and 20 ms. Limits are passed by at most this many less one. */
const AT_ONCE = 4;
const QUEUE_TIMEOUT_MS = 10_000;

interface Counter {
  readonly kind: ThrottleKind;
  readonly key: string;
}

/**
 * Slows down who guesses passwords, by account and by address, whether the account exists or not; over all replicas. Where an account
 * has signed in lately it is counted apart, so that whoever guesses elsewhere keeps nobody out of their own.
 */
@Injectable()
export class LoginThrottle {
  private readonly places = new FairQueue(AT_ONCE);

  constructor(private readonly database: Database) {}

  /**
   * @param attempt answers undefined when the credentials are wrong, which then counts
   * @throws Problem RATE_LIMITED before anything is tried, OVERLOADED
   */
  async guard<T>(username: string, address: string, attempt: () => Promise<T | undefined>): Promise<T | undefined> {
    const network = networkOf(address);
    const leave = await this.enter(network);
    try {
      const counters = await this.countersOf(username.toLowerCase(), network);
      await this.refuseBlocked(counters);
      const result = await attempt();
      await (result === undefined ? this.count(counters) : this.forgive(username.toLowerCase(), network, counters));
      return result;
    } finally {
      leave();
    }
  }

  /** The account's, or that of the account in this network where it has signed in before; then the address'. */
  private async countersOf(name: string, network: string): Promise<readonly Counter[]> {
    const there = accountIn(name, network);
    const known = await this.database.query(`SELECT 1 FROM login_failures WHERE kind = 'account' AND key = $1`, [
      there,
    ]);
    return [
      { kind: 'account', key: known.length > 0 ? there : hashOf(name) },
      { kind: 'address', key: network },
    ];
  }

  private async enter(network: string): Promise<() => void> {
    try {
      return await this.places.enter(network, QUEUE_TIMEOUT_MS);
    } catch (error) {
      if (!(error instanceof QueueTimeout)) throw error;
      throw new Problem('OVERLOADED', 'Too many sign in at once.', { retryAfterSeconds: 5, cause: error });
    }
  }

  private async refuseBlocked(counters: readonly Counter[]): Promise<void> {
    const [row] = await this.database.query<{ wait_seconds: number | null }>(
      `SELECT max(extract(epoch FROM f.blocked_until - now()))::float8 AS wait_seconds
         FROM login_failures f JOIN unnest($1::text[], $2::text[]) AS c(kind, key) ON f.kind = c.kind AND f.key = c.key`,
      [counters.map(({ kind }) => kind), counters.map(({ key }) => key)],
    );
    const waitSeconds = row?.wait_seconds ?? 0;
    if (waitSeconds <= 0) return;
    throw new Problem('RATE_LIMITED', 'Too many wrong attempts to sign in; wait before the next.', {
      retryAfterSeconds: Math.ceil(waitSeconds),
    });
  }

  /** In one order, so that two that fail at once never wait for each other in a circle. */
  private async count(counters: readonly Counter[]): Promise<void> {
    await this.database.transaction(async (tx) => {
      for (const { kind, key } of counters) {
        const [row] = await tx.query<{ failures: number }>(
          `INSERT INTO login_failures AS f (kind, key, failures, last_at, blocked_until) VALUES ($1, $2, 1, now(), now())
           ON CONFLICT (kind, key) DO UPDATE
             SET failures = CASE WHEN f.last_at < now() - make_interval(secs => $3) THEN 1 ELSE f.failures + 1 END, last_at = now()
           RETURNING failures`,
          [kind, key, FORGOTTEN_AFTER_SECONDS],
        );
        await tx.query(
          `UPDATE login_failures SET blocked_until = now() + make_interval(secs => $3) WHERE kind = $1 AND key = $2`,
          [kind, key, pauseSeconds(kind, row?.failures ?? 0)],
        );
      }
      await tx.query(
        `DELETE FROM login_failures WHERE (kind, key) IN (
           SELECT kind, key FROM login_failures
            WHERE last_at < now() - make_interval(secs => $1) AND (failures > 0 OR last_at < now() - make_interval(secs => $2))
              FOR UPDATE SKIP LOCKED)`,
        [FORGOTTEN_AFTER_SECONDS, KNOWN_FOR_SECONDS],
      );
    });
  }

  /** The address keeps its count: whoever guesses may have an account too. So does the account, where it was not what was counted. */
  private async forgive(name: string, network: string, counters: readonly Counter[]): Promise<void> {
    await this.database.transaction(async (tx) => {
      await tx.query(`DELETE FROM login_failures WHERE kind = 'account' AND key = $1`, [counters[0]?.key]);
      await tx.query(
        `INSERT INTO login_failures (kind, key, failures, last_at, blocked_until) VALUES ('account', $1, 0, now(), now())
         ON CONFLICT (kind, key) DO UPDATE SET failures = 0, last_at = now(), blocked_until = now()`,
        [accountIn(name, network)],
      );
    });
  }
}

const accountIn = (name: string, network: string): string => hashOf(`${name} ${network}`);
