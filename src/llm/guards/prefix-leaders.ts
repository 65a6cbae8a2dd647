import { createHash } from 'node:crypto';
import { withDeadline } from '../../waiting/deadline.js';
import type { ProviderRequest } from '../providers/provider.js';

const TTL_MS = { '5m': 300_000, '1h': 3_600_000 };
/** An entry may be gone a little before its time. */
const SAFE_SHARE = 0.9;
/** Beginnings remembered at once; above it the forgotten ones are cleared away. */
const MOST_REMEMBERED = 1_000;
const LONGEST_PATIENCE_MS = 3_600_000;

/** What a call has to say while it is the first that writes a beginning into the provider's cache. */
export interface PrefixTurn {
  /** The provider has begun to answer: from now on the beginning can be read. */
  readonly started: () => void;
  /** The attempt is over, started or not. */
  readonly ended: () => void;
}

interface Prefix {
  readonly key: string;
  readonly ttlMs: number;
}

interface Leader {
  readonly settled: Promise<void>;
  warmUntilMs: number;
}

const FOLLOWER: PrefixTurn = { started: () => undefined, ended: () => undefined };

/**
 * A provider's cache can be read only once the call that writes it has begun to be answered: of several calls that begin alike
 * and are made at once, each would pay for writing. Here the first goes ahead and the others follow when it has been heard.
 */
export class PrefixLeaders {
  private readonly leaders = new Map<string, Leader>();

  constructor(private readonly nowMs: () => number = () => performance.now()) {}

  /**
   * Waits while another call is about to write the same beginning, at most `patienceMs`: then paying for it twice is better.
   * @throws the signal's reason when it aborts
   */
  async join(request: ProviderRequest, signal?: AbortSignal, patienceMs = LONGEST_PATIENCE_MS): Promise<PrefixTurn> {
    const prefix = prefixOf(request);
    if (prefix === undefined) return FOLLOWER;
    const deadline = withDeadline(signal, patienceMs);
    try {
      return await this.turnOf(prefix, deadline.signal);
    } catch (error) {
      if (!deadline.isOver()) throw error;
      return FOLLOWER;
    } finally {
      deadline.dispose();
    }
  }

  private async turnOf({ key, ttlMs }: Prefix, signal: AbortSignal): Promise<PrefixTurn> {
    for (;;) {
      const leader = this.leaders.get(key);
      if (leader === undefined || leader.warmUntilMs <= this.nowMs()) return this.lead(key, ttlMs);
      if (leader.warmUntilMs < Infinity) {
        leader.warmUntilMs = this.nowMs() + ttlMs;
        return FOLLOWER;
      }
      await settledOrAborted(leader.settled, signal);
    }
  }

  private lead(key: string, ttlMs: number): PrefixTurn {
    this.forgetCold();
    let settle: () => void = () => undefined;
    const leader: Leader = { settled: new Promise((resolve) => (settle = resolve)), warmUntilMs: Infinity };
    this.leaders.set(key, leader);
    return {
      started: () => {
        leader.warmUntilMs = this.nowMs() + ttlMs;
        settle();
      },
      ended: () => {
        if (leader.warmUntilMs === Infinity && this.leaders.get(key) === leader) this.leaders.delete(key);
        settle();
      },
    };
  }

  private forgetCold(): void {
    if (this.leaders.size < MOST_REMEMBERED) return;
    for (const [key, { warmUntilMs }] of this.leaders) if (warmUntilMs <= this.nowMs()) this.leaders.delete(key);
  }
}

/** Everything up to the last breakpoint; undefined without one. */
function prefixOf({ model, tools, system, sharedContext, cache, output }: ProviderRequest): Prefix | undefined {
  const ttl = cache.sharedContext ?? cache.system;
  if (ttl === undefined) return undefined;
  const shared = cache.sharedContext === undefined ? undefined : sharedContext;
  const beginning = JSON.stringify([model, tools ?? [], output?.schema ?? null, system, shared ?? null]);
  return { key: createHash('sha256').update(beginning).digest('base64'), ttlMs: TTL_MS[ttl] * SAFE_SHARE };
}

function settledOrAborted(settled: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    void settled.then(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
  });
}
