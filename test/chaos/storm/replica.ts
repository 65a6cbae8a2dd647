import { setTimeout as sleep } from 'node:timers/promises';
import { type NyxProcess, startNyxProcess } from '../../support/process.js';
import { residentMibOf, WITH_INSPECTOR } from '../../support/resident-memory.js';

const RESTART_MS = 1_000;
/** The binary of the Node that replicas run on, where it is not that of the tests. */
const NODE = process.env.STORM_NODE;

/** A place in the fleet: always the same port, one process after the other. */
export class Replica {
  private process: NyxProcess | undefined;
  private readonly logs: string[] = [];
  private isFrozen = false;
  /** Asked to end, or killed, by us. */
  private isLeaving = false;
  /** Ends that nobody asked for: NYX never has a reason to. */
  readonly unexpected: string[] = [];
  /** When it was struck last, and not yet well again: Infinity while it is not. */
  private struckUntilMs = -Infinity;
  /** Of every process that there was. */
  readonly pids: number[] = [];
  private isWeighed = false;
  /** Resident memory by process, in order of time. */
  readonly memory = new Map<number, { atMs: number; mib: number }[]>();

  constructor(
    readonly name: string,
    readonly url: string,
    private readonly env: Readonly<Record<string, string>>,
    private readonly dataDir: string,
  ) {}

  /** As a supervisor does: one that could not start because the database went away is started again. */
  async start(isDatabaseAway: (sinceMs: number) => boolean = () => false): Promise<void> {
    const sinceMs = performance.now();
    try {
      await this.startOnce();
    } catch (error) {
      if (!isDatabaseAway(sinceMs)) throw error;
      await sleep(RESTART_MS);
      await this.start(isDatabaseAway);
    }
  }

  private async startOnce(): Promise<void> {
    const { port } = new URL(this.url);
    const nyx = await startNyxProcess({
      node: NODE,
      dataDir: this.dataDir,
      env: { ...this.env, PORT: port, NODE_OPTIONS: WITH_INSPECTOR },
    });
    this.struckUntilMs = performance.now();
    this.process = nyx;
    this.isLeaving = false;
    this.pids.push(nyx.pid);
    void nyx.exited.then(({ code, signal }) => {
      this.logs.push(`--- ${this.name} (${nyx.pid}) ended: ${code ?? signal ?? '?'}\n${nyx.stdout()}${nyx.stderr()}`);
      if (this.process !== nyx) return;
      this.process = undefined;
      if (!this.isLeaving) this.unexpected.push(`${this.name} ended by itself: ${code ?? signal ?? '?'}`);
    });
  }

  get isUp(): boolean {
    return this.process !== undefined && !this.isFrozen && !this.isLeaving;
  }

  /** Whether it was ending, gone or frozen at any moment since then. */
  wasStruckSince(ms: number): boolean {
    return this.struckUntilMs >= ms;
  }

  /** @returns how it ended */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    const { process } = this;
    if (process === undefined) throw new Error(`${this.name} does not run.`);
    this.isLeaving = true;
    this.struckUntilMs = Infinity;
    process.kill(signal);
    return process.exited;
  }

  /** Whatever it is doing. */
  async destroy(): Promise<void> {
    if (this.process !== undefined) await this.end('SIGKILL');
  }

  freeze(): void {
    this.isFrozen = true;
    this.struckUntilMs = Infinity;
    this.process?.kill('SIGSTOP');
  }

  /** It runs on; what else it needs to be well again it says with `isWell`. */
  thaw(): void {
    this.process?.kill('SIGCONT');
  }

  isWell(): void {
    this.isFrozen = false;
    if (this.process !== undefined) this.struckUntilMs = performance.now();
  }

  /** While it is well, and one time after the other: a frozen process answers nothing. */
  async weigh(): Promise<void> {
    const nyx = this.process;
    if (nyx === undefined || !this.isUp || this.isWeighed) return;
    this.isWeighed = true;
    try {
      const mib = await residentMibOf(nyx);
      const weights = this.memory.get(nyx.pid) ?? [];
      weights.push({ atMs: performance.now(), mib });
      this.memory.set(nyx.pid, weights);
    } catch {
      // It ended meanwhile.
    } finally {
      this.isWeighed = false;
    }
  }

  /** How often its process of now has written it. */
  timesSaid(text: string): number {
    const { process } = this;
    return process === undefined ? 0 : `${process.stdout()}${process.stderr()}`.split(text).length - 1;
  }

  /** The end of what each of its processes wrote. */
  log(): string {
    const now =
      this.process && `--- ${this.name} (${this.process.pid})\n${this.process.stdout()}${this.process.stderr()}`;
    return [...this.logs, now ?? ''].map((log) => log.slice(-20_000)).join('\n');
  }
}
