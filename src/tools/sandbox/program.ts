import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { SandboxOutcome } from './sandbox.types.js';

export type Ended = Pick<SandboxOutcome, 'ended' | 'limit' | 'exitCode'>;
/** Why we end it. */
export type StopReason = Pick<SandboxOutcome, 'ended' | 'limit'>;

const SIGXCPU = 24;
const SIGXFSZ = 25;
const SIGNALLED = 128;

export interface ProgramStart {
  readonly argv: readonly [program: string, ...argv: string[]];
  readonly searchPath: string;
  /** Of the program, in the order of their numbers. */
  readonly streams: readonly (number | 'ignore')[];
  readonly workspaceFd: number;
  readonly privateFd: number | undefined;
  /** Descriptors of this process that must not be the child's: it gets /dev/null in their place, which bubblewrap closes. */
  readonly covered: readonly number[];
  readonly filter: Uint8Array;
  /** For the first process, to know what to start. */
  readonly startScript: string;
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
    const [program, ...argv] = start.argv;
    // As bubblewrap's arguments count them: status 3, workspace 4, filter 5, start script 6, private folder 7.
    const stdio: ('pipe' | 'ignore' | number | undefined)[] = [
      ...start.streams,
      'pipe',
      start.workspaceFd,
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
    const [, , , status, , filter, script] = this.child.stdio as (Readable | Writable | null)[];
    const said = this.readStatus(status as Readable);
    (filter as Socket).on('error', () => undefined).end(this.start.filter);
    (script as Socket).on('error', () => undefined).end(this.start.startScript);
    const hasExited = new Promise<boolean>((resolve) => {
      this.child.once('exit', () => resolve(true)).once('error', () => resolve(false));
    });
    if (!(await hasExited)) return undefined;
    await said;
    if (this.reason) return { ...this.reason, exitCode: undefined };
    if (this.exitCode === undefined) return undefined;
    const limit = LIMIT_BY_SIGNAL[this.exitCode - SIGNALLED];
    return { ended: limit ? 'limit' : 'exited', limit, exitCode: this.exitCode };
  }

  /** bubblewrap's own report: documents by line, one with the first process, one with the exit code when the program was reached. */
  private async readStatus(status: Readable): Promise<void> {
    status.on('error', () => undefined);
    for await (const line of createInterface({ input: status })) {
      const { 'child-pid': pid, 'exit-code': code } = JSON.parse(line) as Record<string, number | undefined>;
      if (code !== undefined) this.exitCode = code;
      if (pid === undefined) continue;
      this.initPid = pid;
      if (this.reason) this.killInit();
      else this.start.onInit(pid);
    }
  }
}

const LIMIT_BY_SIGNAL: Readonly<Record<number, SandboxOutcome['limit']>> = {
  [SIGXCPU]: 'cpu',
  [SIGXFSZ]: 'file_size',
};
