import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { LAST_ARGUMENTS } from './bwrap-arguments.rules.js';
import type { SandboxOutcome } from './sandbox.types.js';

export type Ended = Pick<SandboxOutcome, 'ended' | 'limit' | 'exitCode'>;
/** Why we end it. */
export type StopReason = Pick<SandboxOutcome, 'ended' | 'limit'>;

const SIGXCPU = 24;
const SIGXFSZ = 25;
const SIGNALLED = 128;

export interface ProgramStart {
  readonly argv: readonly string[];
  readonly searchPath: string;
  /** Of the program, in the order of their numbers. */
  readonly streams: readonly (number | 'ignore')[];
  readonly workspaceFd: number;
  readonly privateFd: number | undefined;
  /** Descriptors of this process that must not be the child's: it gets /dev/null in their place, which bubblewrap closes. */
  readonly covered: readonly number[];
  readonly filterFd: number;
  /** For the first process, to know what to start. */
  readonly startScript: string;
  /** Called once, with what becomes bubblewrap, which has done nothing yet. */
  readonly beforeSandbox: (pid: number) => void;
  /** Called once, with the first process of the sandbox as this process sees it. */
  readonly onInit: (pid: number) => void;
}

/** bubblewrap as a child of this process, with its sandbox. */
export class SandboxedProgram {
  /** Resolves when nothing of it is left; `undefined`: the sandbox could not be set up. */
  readonly ended: Promise<Ended | undefined>;
  private readonly child: ChildProcess;
  private initPid: number | undefined;
  private exitCode: number | undefined;
  private reason: StopReason | undefined;

  constructor(private readonly start: ProgramStart) {
    const [program = '', ...argv] = start.argv;
    // As bubblewrap's arguments count them: status 3, workspace 4, filter 5, start script 6, last arguments 7, private folder 8.
    const stdio: ('pipe' | 'ignore' | number | undefined)[] = [
      ...start.streams,
      'pipe',
      start.workspaceFd,
      start.filterFd,
      'pipe',
      'pipe',
    ];
    if (start.privateFd !== undefined) stdio.push(start.privateFd);
    const nothing = openSync('/dev/null', 'r');
    for (const descriptor of start.covered) stdio[descriptor] = nothing;
    const filled = Array.from(stdio, (entry) => entry ?? 'ignore');
    try {
      this.child = spawn(program, argv, { env: { PATH: start.searchPath }, stdio: filled, cwd: '/' });
    } finally {
      closeSync(nothing);
    }
    this.ended = this.run();
  }

  /** Ends everything in it at once. The first reason counts. */
  stop(reason: StopReason): void {
    if (this.reason) return;
    this.reason = reason;
    this.killInit();
  }

  /** With its first process the kernel ends all others before it lets go of it. Before that is known, bubblewrap would leave a child behind. */
  private killInit(): void {
    if (this.initPid === undefined || this.child.exitCode !== null || this.child.signalCode !== null) return;
    try {
      process.kill(this.initPid, 'SIGKILL');
    } catch {
      // It ended by itself.
    }
  }

  private async run(): Promise<Ended | undefined> {
    const [, , , status, , , script, last] = this.child.stdio as (Readable | Writable | null)[];
    const said = this.readStatus(status as Readable);
    const hasExited = new Promise<boolean>((resolve) => {
      this.child.once('exit', () => resolve(true)).once('error', () => resolve(false));
    });
    const failure = this.prepare(script as Socket, last as Socket);
    if (!(await hasExited)) return undefined;
    if (failure) throw failure;
    await said;
    if (this.reason) return { ...this.reason, exitCode: undefined };
    if (this.exitCode === undefined) return undefined;
    const limit = LIMIT_BY_SIGNAL[this.exitCode - SIGNALLED];
    return { ended: limit ? 'limit' : 'exited', limit, exitCode: this.exitCode };
  }

  /**
   * Before the loop goes on: once the child is waited for, its number can be another's. What to start is told last, so that nothing is when
   * this process dies here.
   * @returns why the child had to be ended
   */
  private prepare(script: Socket, last: Socket): Error | undefined {
    const { pid } = this.child;
    // It could not be spawned.
    if (pid === undefined) return undefined;
    try {
      this.start.beforeSandbox(pid);
    } catch (error) {
      this.child.kill('SIGKILL');
      return error as Error;
    }
    offerFirst(pid);
    last.on('error', () => undefined).end(LAST_ARGUMENTS);
    script.on('error', () => undefined).end(this.start.startScript);
    return undefined;
  }

  /** bubblewrap's own report: documents by line, one with the first process, one with the exit code when the program was reached. */
  private async readStatus(status: Readable): Promise<void> {
    let line = '';
    status.setEncoding('utf8').on('data', (text: string) => {
      const lines = `${line}${text}`.split('\n');
      line = lines.pop() ?? '';
      for (const whole of lines) this.heed(JSON.parse(whole) as Record<string, number | undefined>);
    });
    await finished(status).catch(() => undefined);
  }

  private heed({ 'child-pid': pid, 'exit-code': code }: Record<string, number | undefined>): void {
    if (code !== undefined) this.exitCode = code;
    if (pid === undefined) return;
    this.initPid = pid;
    if (this.reason) this.killInit();
    else this.start.onInit(pid);
  }
}

/** To the kernel, with what it starts, when the machine runs out of memory. */
function offerFirst(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, '1000');
  } catch {
    // A bubblewrap that may be run but not read belongs to root there.
  }
}

const LIMIT_BY_SIGNAL: Readonly<Record<number, SandboxOutcome['limit']>> = {
  [SIGXCPU]: 'cpu',
  [SIGXFSZ]: 'file_size',
};
