import { closeSync, constants, openSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import type { AppConfig } from '../../config/app-config.js';
import type { EgressProxy } from '../../egress/proxy.js';
import { BRIDGE, proxyEnvironment, PROXY_SOCKET, START_BRIDGE } from './bridge.js';
import { bwrapArguments, ownDescriptors, startScript } from './bwrap-arguments.rules.js';
import type { ControlGroup } from './control-groups.js';
import {
  effectiveLimits,
  firstProcess,
  firstProcessArguments,
  NO_WORKING_DIRECTORY,
  type EffectiveLimits,
} from './limits.rules.js';
import { openDirectory } from './open-directory.js';
import type { ProgramPipe } from './pipes.js';
import { SandboxedProgram, type Ended, type StopReason } from './program.js';
import { directoryInside } from './request.rules.js';
import type { SandboxHost } from './sandbox-host.js';
import type { SandboxRequest } from './sandbox.types.js';
import { NODE_INSIDE } from './system-view.js';
import { Watchdog } from './watchdog.js';

const MAX_TIMER_MS = 2 ** 31 - 1;
/** For what is left in the pipes of a program that is gone. */
const LAST_READING_MS = 2_000;
/** bubblewrap itself, outside. */
const OUTSIDE_PROCESSES = 1;

/** The program was not reached: the sandbox could not be made as it was asked for. */
export class SetUpFailed extends Error {
  constructor(
    /** What bubblewrap, or the first process, wrote. */
    readonly said = '',
  ) {
    super(
      said.includes(NO_WORKING_DIRECTORY)
        ? 'The working directory does not exist.'
        : 'The program could not be started in the sandbox.',
    );
  }
}

/** `stream`: written to while it runs. Undefined: nothing to be read. */
export type ProgramInput = Uint8Array | 'stream' | undefined;

export interface LaunchedProgram {
  readonly limits: EffectiveLimits;
  readonly stdin: Writable | undefined;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** When nothing of it is left. Rejects with SetUpFailed. */
  readonly ended: Promise<Ended>;
  stop(reason: StopReason): void;
}

/** The way of one program into the sandbox, and what has to be cleared away after it. */
export class Launch {
  private readonly limits: EffectiveLimits;
  private readonly hosts: readonly string[];
  /** Descriptors that only the child goes on with. */
  private readonly handed: number[] = [];
  private readonly ours: Socket[] = [];
  private readonly clearings: (() => unknown)[] = [];
  private group: ControlGroup | undefined;
  private watchdog: Watchdog | undefined;

  constructor(
    private readonly host: SandboxHost,
    private readonly config: AppConfig,
    private readonly proxy: EgressProxy,
    private readonly request: SandboxRequest,
  ) {
    this.hosts = request.allowedHosts ?? [];
    this.limits = effectiveLimits(request.limits, config.tools.sandboxMemoryMb, this.hosts.length > 0);
  }

  /** @throws Error when the workspace is not where it was */
  async start(input: ProgramInput): Promise<LaunchedProgram> {
    try {
      return await this.launch(input);
    } catch (error) {
      for (const stream of this.ours) stream.destroy();
      await this.clear();
      throw error;
    } finally {
      for (const descriptor of this.handed.splice(0)) closeSync(descriptor);
    }
  }

  private async launch(input: ProgramInput): Promise<LaunchedProgram> {
    const { request, host, limits } = this;
    const proxySocket = this.hosts.length > 0 ? await this.openProxy() : undefined;
    const stdin = input === 'stream' ? await this.pipe('write') : undefined;
    const [stdout, stderr] = [await this.pipe('read'), await this.pipe('read')];
    this.group = host.groups?.make({
      memoryBytes: limits.memoryBytes,
      processes: limits.processes + limits.ownThreads + OUTSIDE_PROCESSES,
    });
    this.clearings.push(async () => await this.group?.remove());
    const own = ownDescriptors(request.privateDirectory !== undefined);
    const covered = host.inherited.filter((descriptor) => !own.includes(descriptor));
    const program = new SandboxedProgram({
      argv: [...(await this.enterNamespace()), ...this.command(proxySocket, covered)],
      covered,
      searchPath: host.searchPath,
      streams: [stdin?.theirs ?? (await this.inputFile(input)), stdout.theirs, stderr.theirs],
      workspaceFd: this.directory(request.workspaceDirectory),
      privateFd: request.privateDirectory === undefined ? undefined : this.directory(request.privateDirectory),
      filterFd: this.file(host.filter),
      startScript: startScript(request.argv, {
        ...(proxySocket ? proxyEnvironment() : {}),
        ...request.environment,
      }),
      beforeSandbox: (pid) => this.limit(pid),
      onInit: (pid) => this.watch(pid, program),
    });
    return {
      limits,
      stdin: stdin?.stream,
      stdout: stdout.stream,
      stderr: stderr.stream,
      ended: this.until(program),
      stop: (reason) => program.stop(reason),
    };
  }

  private command(proxySocket: string | undefined, covered: readonly number[]): readonly string[] {
    const { request, host, limits } = this;
    const hasPrivateDirectory = request.privateDirectory !== undefined;
    const workingDirectory = directoryInside(request.workingDirectory, hasPrivateDirectory);
    return [
      host.bubblewrap,
      ...bwrapArguments({
        system: host.system,
        isWorkspaceReadOnly: request.isWorkspaceReadOnly ?? false,
        hasPrivateDirectory,
        covered,
        temporaryBytes: limits.temporaryBytes,
        proxySocket: proxySocket === undefined ? undefined : [proxySocket, PROXY_SOCKET],
      }),
      ...['/bin/sh', '-c', firstProcess(proxySocket === undefined ? '' : START_BRIDGE), 'sh'],
      ...firstProcessArguments(limits, this.group !== undefined, workingDirectory),
      ...(proxySocket === undefined ? [] : [NODE_INSIDE, BRIDGE]),
    ];
  }

  /** @returns the program, and its arguments, that goes there and becomes what follows */
  private async enterNamespace(): Promise<readonly string[]> {
    const descriptor = await this.host.devices?.open().catch((error: unknown) => {
      throw new SetUpFailed(String(error));
    });
    if (descriptor === undefined) return [];
    this.clearings.push(() => closeSync(descriptor));
    return ['nsenter', `--mount=/proc/${process.pid}/fd/${descriptor}`, '--'];
  }

  private directory(path: string): number {
    const descriptor = openDirectory(path, this.config.workspaceDir);
    this.handed.push(descriptor);
    return descriptor;
  }

  private file(path: string): number {
    const descriptor = openSync(path, constants.O_RDONLY);
    this.handed.push(descriptor);
    return descriptor;
  }

  private async pipe(direction: 'read' | 'write'): Promise<ProgramPipe> {
    const pipe = await this.host.pipes.take(direction);
    this.handed.push(pipe.theirs);
    // Who is written to may be gone.
    pipe.stream.on('error', () => undefined);
    this.ours.push(pipe.stream);
    return pipe;
  }

  /** A file without a name: unlike a pipe whose writer is done it can be opened again, as /dev/stdin. */
  private async inputFile(input: ProgramInput): Promise<number | 'ignore'> {
    if (input === undefined || input === 'stream') return 'ignore';
    const folder = await this.host.makeFolder();
    try {
      await writeFile(join(folder, 'input'), input, { mode: 0o600 });
      return this.file(join(folder, 'input'));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** @returns the socket of a proxy for this program alone */
  private async openProxy(): Promise<string> {
    const folder = await this.host.makeFolder();
    this.clearings.push(() => rm(folder, { recursive: true, force: true }));
    const socketPath = join(folder, 'proxy', 'socket');
    await mkdir(join(folder, 'proxy'), { mode: 0o700 });
    const proxy = await this.proxy.start({ socketPath, allowedHosts: this.hosts, signal: this.request.signal });
    this.clearings.push(() => proxy.close());
    return socketPath;
  }

  private limit(pid: number): void {
    try {
      this.group?.take(pid);
    } catch (error) {
      throw new SetUpFailed(String(error));
    }
  }

  private watch(initPid: number, program: SandboxedProgram): void {
    const { limits, group, request } = this;
    this.watchdog = new Watchdog(
      {
        initPid,
        directories: [request.workspaceDirectory, ...(request.privateDirectory ? [request.privateDirectory] : [])],
        ranOutOfMemory: group && (() => group.ranOutOfMemory()),
        limits: { ...limits, threads: limits.processes + limits.ownThreads },
      },
      (limit) => program.stop({ ended: 'limit', limit }),
    );
  }

  private async until(program: SandboxedProgram): Promise<Ended> {
    const { signal } = this.request;
    const { timeoutMs } = this.limits;
    const abort = (): void => program.stop({ ended: 'aborted' });
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    const timer =
      timeoutMs <= MAX_TIMER_MS ? setTimeout(() => program.stop({ ended: 'timeout' }), timeoutMs) : undefined;
    try {
      const end = await program.ended;
      const wasOrdered = end?.ended === 'aborted' || end?.ended === 'timeout';
      if (!wasOrdered && this.group?.ranOutOfMemory())
        return { ended: 'limit', limit: 'memory', exitCode: end?.exitCode };
      if (!end) throw new SetUpFailed();
      return end;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      this.watchdog?.stop();
      // What was not read yet can still be; what was not written has nobody to read it.
      for (const stream of this.ours) if (stream.writable) stream.destroy();
      this.endReading();
      await this.clear();
    }
  }

  /** A program in another sandbox may have been handed the pipes: it is not waited for. */
  private endReading(): void {
    const streams = [...this.ours];
    const timer = setTimeout(() => streams.forEach((stream) => stream.destroy()), LAST_READING_MS);
    const forget = (): void => {
      if (streams.every(({ closed }) => closed)) clearTimeout(timer);
    };
    for (const stream of streams) stream.once('close', forget);
    forget();
  }

  private async clear(): Promise<void> {
    for (const clear of this.clearings.splice(0).reverse()) await clear();
  }
}
