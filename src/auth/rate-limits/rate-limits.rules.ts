/** What a route costs: each kind has a limit of its own. */
export const COST_CLASSES = ['read', 'write', 'tool', 'llm', 'login'] as const;
export type CostClass = (typeof COST_CLASSES)[number];

/** Parts of RATE_LIMIT_PER_MINUTE that a kind of route has. */
const SHARE: Readonly<Record<CostClass, number>> = { read: 1, write: 1 / 2, tool: 1 / 4, llm: 1 / 5, login: 1 / 10 };

/** Of a limit, what a replica takes at once, so that the others see it: one write for that many requests. */
const LEASE_SHARE = 1 / 20;

export interface Limit {
  /** Requests a minute, and at once after a pause. */
  readonly perMinute: number;
  /** Requests that a replica takes at a time. */
  readonly lease: number;
}

/** @param perMinute RATE_LIMIT_PER_MINUTE; 0: no limit */
export function limitOf(costClass: CostClass, perMinute: number): Limit | undefined {
  if (perMinute === 0) return undefined;
  const limit = Math.max(1, Math.floor(perMinute * SHARE[costClass]));
  return { perMinute: limit, lease: Math.max(1, Math.floor(limit * LEASE_SHARE)) };
}

/** How far a bucket is filled, in seconds of the minute that it holds. */
export interface Filling {
  readonly limit: Limit;
  readonly filledSeconds: number;
  /** Taken from it and not used yet. */
  readonly leased: number;
}

/** The fields of the answer; `Reset` is when all can be asked for again. */
export function rateHeaders({ limit: { perMinute }, filledSeconds, leased }: Filling): Record<string, string> {
  const free = Math.floor(((60 - filledSeconds) * perMinute) / 60 + 1e-9);
  return {
    'RateLimit-Limit': String(perMinute),
    'RateLimit-Remaining': String(Math.max(0, Math.min(perMinute, free + leased))),
    'RateLimit-Reset': String(Math.max(0, Math.ceil(filledSeconds))),
  };
}

/** Until one more request fits, in whole seconds. */
export const retryAfterSeconds = ({ limit: { perMinute }, filledSeconds }: Filling): number =>
  Math.max(1, Math.ceil(filledSeconds + 60 / perMinute - 60));
