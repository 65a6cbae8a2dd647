import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../../support/until.js';
import type { Rule } from '../../support/model-server.js';
import type { Replica } from './replica.js';
import type { Sea } from './sea.js';

const CALM_MS = { least: 5_000, most: 10_000 };
/** Longer than the silence after which the others take a replica's work over. */
const FROZEN_MS = 25_000;
const FENCED_MS = 30_000;
/** After an outage of the database nobody is judged for so long. */
const SETTLING_MS = 10_000;
/** What a replica says that found itself fenced and goes on under a new id. */
const FENCED = 'Running again as executor';
const DISK_FULL_MS = 4_000;

export const KINDS = [
  'kill',
  'kill',
  'terminate',
  'postgres_restart',
  'postgres_crash',
  'freeze',
  'model',
  'model',
  'disk',
] as const;
type Kind = (typeof KINDS)[number];
const OF_REPLICA: ReadonlySet<Kind> = new Set(['kill', 'terminate', 'freeze']);

const MODEL_FAILURES: readonly Rule[] = [
  { status: 529, errorType: 'overloaded_error', times: 20 },
  { status: 429, errorType: 'rate_limit_error', retryAfterSeconds: 1, times: 10 },
  { status: 500, errorType: 'api_error', times: 10 },
  { cut: 'before', times: 10 },
  { cut: 'body', times: 10 },
  { malformed: true, times: 5 },
  { delayMs: 4_000, times: 10 },
];

/** One thing after the other goes wrong; what and when follows from the random numbers alone. */
export class Weather {
  readonly log: string[] = [];
  /** The kinds that came. */
  readonly struck = new Set<string>();
  /** Frozen replicas that found themselves fenced. */
  fencings = 0;
  private readonly mending: Promise<void>[] = [];
  private readonly startedMs = performance.now();
  /** Kinds that are to come before any comes again, so that also a short storm has each. */
  private coming: Kind[] = [];

  constructor(
    private readonly sea: Sea,
    private readonly random: () => number,
  ) {}

  /**
   * @param wanted goes on until each of these has struck, for twice the time at most
   * @throws what could not be made good again, such as a replica that does not start
   */
  async blow(forMs: number, wanted: readonly Kind[]): Promise<void> {
    const startedMs = performance.now();
    const goesOn = (): boolean => {
      const sinceMs = performance.now() - startedMs;
      return sinceMs < forMs || (sinceMs < 2 * forMs && wanted.some((kind) => !this.struck.has(kind)));
    };
    try {
      while (goesOn()) {
        await sleep(CALM_MS.least + this.random() * (CALM_MS.most - CALM_MS.least));
        await this.strike(this.next());
      }
    } finally {
      await Promise.allSettled(this.mending);
    }
    await Promise.all(this.mending);
  }

  /** The next kind that can come now; what cannot waits for its turn. Two of three stay up: what is measured is the loss of one. */
  private next(): Kind {
    if (this.coming.length === 0) this.coming = this.shuffled(KINDS);
    const areAllUp = this.sea.replicas.every(({ isUp }) => isUp);
    const at = this.coming.findLastIndex((kind) => areAllUp || !OF_REPLICA.has(kind));
    return at < 0 ? 'model' : (this.coming.splice(at, 1)[0] ?? 'model');
  }

  private async strike(kind: Kind): Promise<void> {
    const replica = this.some(this.sea.replicas);
    this.struck.add(kind);
    this.note(OF_REPLICA.has(kind) ? `${kind} ${replica.name}` : kind);
    if (kind === 'kill') this.mend(this.restarted(replica, 'SIGKILL'));
    else if (kind === 'terminate') this.mend(this.restarted(replica, 'SIGTERM'));
    else if (kind === 'freeze') this.mend(this.frozen(replica));
    else if (kind === 'postgres_restart') await this.sea.restartPostgres();
    else if (kind === 'postgres_crash') await this.sea.crashPostgres();
    else if (kind === 'model') this.sea.failModel(this.some(MODEL_FAILURES));
    else this.mend(this.full());
  }

  private async restarted(replica: Replica, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const end = await replica.end(signal);
    if (signal === 'SIGTERM' && end.code !== 0) {
      throw new Error(`${replica.name} ended with ${end.code ?? end.signal ?? '?'} when it was asked to.`);
    }
    await replica.start((sinceMs) => this.sea.wasPostgresDown(sinceMs, performance.now()));
    this.note(`${replica.name} is back`);
  }

  private async frozen(replica: Replica): Promise<void> {
    const frozenMs = performance.now();
    const before = replica.timesSaid(FENCED);
    replica.freeze();
    await sleep(FROZEN_MS);
    replica.thaw();
    const isFenced = await until('it is fenced', () => replica.timesSaid(FENCED) > before, FENCED_MS).then(
      () => true,
      () => false,
    );
    replica.isWell();
    this.note(`${replica.name} is thawed, ${isFenced ? 'and finds itself fenced' : 'and was not fenced'}`);
    if (isFenced) this.fencings += 1;
    // Who could not see the database does not judge others.
    else if (!this.sea.wasPostgresDown(frozenMs - SETTLING_MS, performance.now()))
      throw new Error(`${replica.name} was frozen for ${FROZEN_MS} ms, and nobody took it for dead.`);
  }

  private async full(): Promise<void> {
    await this.sea.fillDisk();
    await sleep(DISK_FULL_MS);
    await this.sea.clearDisk();
  }

  /** Goes on beside the next stroke; `blow` throws what comes of it. */
  private mend(work: Promise<void>): void {
    this.mending.push(work);
    work.catch((error: unknown) => this.note(String(error)));
  }

  private some<T>(choices: readonly T[]): T {
    const choice = choices[Math.floor(this.random() * choices.length)];
    if (choice === undefined) throw new Error('There is nothing to choose from.');
    return choice;
  }

  private shuffled<T>(all: readonly T[]): T[] {
    return all
      .map((one) => ({ one, at: this.random() }))
      .sort((a, b) => a.at - b.at)
      .map(({ one }) => one);
  }

  private note(what: string): void {
    this.log.push(
      `${new Date().toISOString()} (${Math.round((performance.now() - this.startedMs) / 1_000)} s) ${what}`,
    );
  }
}
