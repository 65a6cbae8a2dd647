import { until } from '../../support/until.js';
import type { ModelServer } from '../../support/model-server.js';
import type { Replica } from './replica.js';
import type { Sea } from './sea.js';
import { described, KINDS, OF_REPLICA, strokesOf, type Kind, type Stroke } from './strokes.js';

const FENCED_MS = 30_000;
/** After an outage of the database nobody is judged for so long. */
const SETTLING_MS = 10_000;
/** What a replica says that found itself fenced and goes on under a new id. */
const FENCED = 'Running again as executor';
const LOOK_MS = 100;
const MOST_WAIT_MS = 90_000;

type Boat = Pick<Replica, 'name' | 'isUp' | 'start' | 'end' | 'freeze' | 'thaw' | 'isWell' | 'timesSaid'>;
/** What it passes over. */
export type Below = Pick<Sea, 'wasPostgresDown' | 'restartPostgres' | 'crashPostgres' | 'fillDisk' | 'clearDisk'> & {
  readonly replicas: readonly Boat[];
  readonly model: Pick<ModelServer, 'script'>;
};

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** One thing after the other goes wrong, as the seed has it. */
export class Weather {
  readonly log: string[] = [];
  /** The kinds that came. */
  readonly struck = new Set<Kind>();
  /** Frozen replicas that found themselves fenced. */
  fencings = 0;
  private readonly mending: Promise<void>[] = [];
  private readonly startedMs = performance.now();

  constructor(
    private readonly below: Below,
    private readonly seed: number,
  ) {}

  /**
   * @param isWhole goes on until each kind has struck and one was fenced, for twice the time at most
   * @throws what could not be made good again, such as a replica that does not start
   */
  async blow(forMs: number, isWhole: boolean): Promise<void> {
    const startedMs = performance.now();
    const goesOn = (): boolean => {
      const sinceMs = performance.now() - startedMs;
      return sinceMs < forMs || (isWhole && sinceMs < 2 * forMs && !this.hadAll);
    };
    const strokes = strokesOf(this.seed);
    try {
      while (goesOn()) await this.bring(strokes.next().value);
    } finally {
      await Promise.allSettled(this.mending);
    }
    await Promise.all(this.mending);
  }

  private get hadAll(): boolean {
    return this.fencings > 0 && KINDS.every((kind) => this.struck.has(kind));
  }

  /** What cannot come yet is waited for: another one in its place, and the order would be that of the machine and not of the seed. */
  private async bring(stroke: Stroke): Promise<void> {
    await sleep(stroke.calmMs);
    const sinceMs = performance.now();
    while (!this.canCome(stroke) && performance.now() - sinceMs < MOST_WAIT_MS) await sleep(LOOK_MS);
    if (this.canCome(stroke)) await this.strike(stroke);
    else this.note(`NOT POSSIBLE: ${described(stroke)}`);
  }

  /** Two of three stay up: what is measured is the loss of one. */
  private canCome({ kind }: Stroke): boolean {
    if (OF_REPLICA.has(kind) && this.below.replicas.some(({ isUp }) => !isUp)) return false;
    // Who could not see the database takes nobody for dead, and one of the frozen has to be.
    const nowMs = performance.now();
    return kind !== 'freeze' || this.fencings > 0 || !this.below.wasPostgresDown(nowMs - SETTLING_MS, nowMs);
  }

  private async strike(stroke: Stroke): Promise<void> {
    const { kind, lengthMs, rule } = stroke;
    const replica = this.below.replicas[stroke.replica];
    if (replica === undefined) throw new Error(`There is no replica ${stroke.replica}.`);
    this.struck.add(kind);
    this.note(`STROKE ${described(stroke)}`);
    if (kind === 'kill') this.mend(this.restarted(replica, 'SIGKILL'));
    else if (kind === 'terminate') this.mend(this.restarted(replica, 'SIGTERM'));
    else if (kind === 'freeze') this.mend(this.frozen(replica, lengthMs));
    else if (kind === 'postgres_restart') await this.below.restartPostgres();
    else if (kind === 'postgres_crash') await this.below.crashPostgres();
    else if (kind === 'disk') this.mend(this.full(lengthMs));
    else this.below.model.script(rule);
  }

  private async restarted(replica: Boat, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const end = await replica.end(signal);
    if (signal === 'SIGTERM' && end.code !== 0) {
      throw new Error(`${replica.name} ended with ${end.code ?? end.signal ?? '?'} when it was asked to.`);
    }
    await replica.start((sinceMs) => this.below.wasPostgresDown(sinceMs, performance.now()));
    this.note(`${replica.name} is back`);
  }

  private async frozen(replica: Boat, lengthMs: number): Promise<void> {
    const frozenMs = performance.now();
    const before = replica.timesSaid(FENCED);
    replica.freeze();
    await sleep(lengthMs);
    replica.thaw();
    const isFenced = await until('it is fenced', () => replica.timesSaid(FENCED) > before, FENCED_MS).then(
      () => true,
      () => false,
    );
    replica.isWell();
    this.note(`${replica.name} is thawed, ${isFenced ? 'and finds itself fenced' : 'and was not fenced'}`);
    if (isFenced) this.fencings += 1;
    // Who could not see the database does not judge others.
    else if (!this.below.wasPostgresDown(frozenMs - SETTLING_MS, performance.now()))
      throw new Error(`${replica.name} was frozen for ${lengthMs} ms, and nobody took it for dead.`);
  }

  private async full(lengthMs: number): Promise<void> {
    await this.below.fillDisk();
    await sleep(lengthMs);
    await this.below.clearDisk();
  }

  /** Goes on beside the next stroke; `blow` throws what comes of it. */
  private mend(work: Promise<void>): void {
    this.mending.push(work);
    work.catch((error: unknown) => this.note(String(error)));
  }

  private note(what: string): void {
    this.log.push(
      `${new Date().toISOString()} (${Math.round((performance.now() - this.startedMs) / 1_000)} s) ${what}`,
    );
  }
}
