import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { AppConfig } from '../../config/app-config.js';
import { Database } from '../../database/database.service.js';
import { Problem } from '../../http/problem.js';
import {
  type CostClass,
  type Filling,
  type Limit,
  limitOf,
  rateHeaders,
  retryAfterSeconds,
} from './rate-limits.rules.js';

const WINDOW_MS = 60_000;
/** A little more than the minute, for what is rounded. */
const FULL = `now() + interval '1 minute 1 millisecond'`;
const SWEEP_MS = 10 * 60_000;
const MAX_BUCKETS = 50_000;

/** Places of a bucket that this replica has taken; none: the bucket is full. */
interface Lease {
  left: number;
  readonly isFull: boolean;
  /** By this process' clock. What was taken and not used has leaked out of the bucket a minute later; a full one has a place then. */
  readonly endsAtMs: number;
  filledSeconds: number;
  readonly readAtMs: number;
}

/**
 * How often who may ask, over all replicas: a leaky bucket in the database for each caller and kind of route, from which a replica takes
 * several places at once. So a request costs no write, and one too many no query. At once pass at most the limit and one lease of each
 * replica; after that as many as leak out, the limit in each minute.
 */
@Injectable()
export class RateLimits implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(RateLimits.name);
  private readonly leases = new Map<string, Lease>();
  private readonly taking = new Map<string, Promise<Lease>>();
  private readonly perMinute: number;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: Database,
    { rateLimitPerMinute }: AppConfig,
  ) {
    this.perMinute = rateLimitPerMinute;
  }

  onModuleInit(): void {
    if (this.perMinute === 0) return;
    this.timer = setInterval(() => void this.sweep(), SWEEP_MS);
    this.timer.unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /**
   * Counts a request. @returns the header fields of its answer; none where there is no limit
   * @throws Problem RATE_LIMITED with the same fields
   */
  async count(caller: string, costClass: CostClass): Promise<Record<string, string>> {
    const limit = limitOf(costClass, this.perMinute);
    if (limit === undefined) return {};
    const key = `${costClass} ${caller}`.slice(0, 200);
    for (;;) {
      const known = this.leases.get(key);
      const isGood = known !== undefined && known.endsAtMs > performance.now() && (known.left > 0 || known.isFull);
      const lease = isGood ? known : await this.take(key, limit);
      const filling = fillingOf(lease, limit);
      if (lease.left > 0) {
        lease.left -= 1;
        return rateHeaders({ ...filling, leased: lease.left });
      }
      if (lease.isFull) throw refusal(filling);
    }
  }

  /** One question at a time for each bucket, however many wait for its answer. */
  private take(key: string, limit: Limit): Promise<Lease> {
    const taking =
      this.taking.get(key) ??
      this.ask(key, limit).finally(() => {
        this.taking.delete(key);
      });
    this.taking.set(key, taking);
    return taking;
  }

  private async ask(key: string, limit: Limit): Promise<Lease> {
    const taken =
      (await this.takePlaces(key, limit, limit.lease)) ?? (limit.lease > 1 && (await this.takePlaces(key, limit, 1)));
    const lease = taken ? leaseOf(taken) : await this.fullBucket(key, limit);
    this.leases.delete(key);
    this.leases.set(key, lease);
    const [oldest] = this.leases.keys();
    if (this.leases.size > MAX_BUCKETS && oldest !== undefined) this.leases.delete(oldest);
    return lease;
  }

  private async fullBucket(key: string, { perMinute }: Limit): Promise<Lease> {
    const [row] = await this.database.query<{ seconds: number }>(
      'SELECT extract(epoch FROM empty_at - now())::float8 AS seconds FROM rate_buckets WHERE key = $1',
      [key],
    );
    const readAtMs = performance.now();
    const filledSeconds = Math.min(row?.seconds ?? 0, WINDOW_MS / 1000);
    const endsAtMs = readAtMs + (filledSeconds + 60 / perMinute) * 1000 - WINDOW_MS;
    return { left: 0, isFull: true, endsAtMs, filledSeconds, readAtMs };
  }

  /** A bucket that is more than full was filled before the database's clock went back: it is a full one that gives these places. */
  private async takePlaces(key: string, { perMinute }: Limit, places: number) {
    const [row] = await this.database.query<{ seconds: number }>(
      `INSERT INTO rate_buckets AS b (key, empty_at) VALUES ($1, now() + make_interval(secs => $2))
       ON CONFLICT (key) DO UPDATE SET empty_at = least(greatest(b.empty_at, now()) + make_interval(secs => $2), ${FULL})
             WHERE greatest(b.empty_at, now()) + make_interval(secs => $2) <= ${FULL}
                OR b.empty_at > now() + interval '1 minute 5 seconds'
       RETURNING extract(epoch FROM empty_at - now())::float8 AS seconds`,
      [key, (60 * places) / perMinute],
    );
    return row && { places, filledSeconds: row.seconds };
  }

  private async sweep(): Promise<void> {
    const nowMs = performance.now();
    for (const [key, { endsAtMs }] of this.leases) if (endsAtMs < nowMs) this.leases.delete(key);
    await this.database
      .query('DELETE FROM rate_buckets WHERE empty_at < now()')
      .catch((error: unknown) => this.logger.warn(`Old rate limits were not removed: ${String(error)}`));
  }
}

function leaseOf({ places, filledSeconds }: { places: number; filledSeconds: number }): Lease {
  const readAtMs = performance.now();
  return { left: places, isFull: false, endsAtMs: readAtMs + WINDOW_MS, filledSeconds, readAtMs };
}

const fillingOf = ({ left, filledSeconds, readAtMs }: Lease, limit: Limit): Filling => ({
  limit,
  filledSeconds: Math.max(0, filledSeconds - (performance.now() - readAtMs) / 1000),
  leased: left,
});

function refusal(filling: Filling): Problem {
  return new Problem('RATE_LIMITED', `More than ${filling.limit.perMinute} requests of this kind in a minute.`, {
    retryAfterSeconds: retryAfterSeconds(filling),
    // A place may have leaked out since the bucket was found full; it is not this request's.
    headers: { ...rateHeaders({ ...filling, leased: 0 }), 'RateLimit-Remaining': '0' },
  });
}
