import { finished } from 'node:stream/promises';
import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { AppConfig } from '../../config/app-config.js';
import { StartError } from '../../config/start-error.js';
import { EgressProxy } from '../../egress/proxy.js';
import { Problem } from '../../http/problem.js';
import { Metrics } from '../../telemetry/metrics.js';
import { FairQueue, QueueTimeout } from '../../waiting/fair-queue.js';
import type { Availability } from '../tool.js';
import { OutputCapture } from './captured-output.js';
import { wasNotReached } from './limits.rules.js';
import { Launch, SetUpFailed, type LaunchedProgram, type ProgramInput } from './launch.js';
import { NoSandbox, prepareHost, type SandboxHost } from './sandbox-host.js';
import type { SandboxOutcome, SandboxProcess, SandboxRequest } from './sandbox.types.js';
import { removeFolder } from './removed-folder.js';
import { reasonOf } from './unavailable.rules.js';

const PROBE_TIMEOUT_MS = 10_000;
/** A program in another sandbox that was handed a folder could fill it for as long as it is emptied. */
const REMOVAL_TIMEOUT_MS = 10_000;
/** For a place among the runs that may be at once. */
export const WAIT_MS = 30_000;
/** More do not even wait. */
const MAX_WAITING = 200;
const RETRY_AFTER_SECONDS = 5;
const NOTHING = { text: '', totalBytes: 0, isTruncated: false, isBinary: false };
const NOT_RUN = { ended: 'aborted', exitCode: undefined, stdout: NOTHING, stderr: NOTHING, durationMs: 0 } as const;

/** Where programs run that nobody vouches for. */
@Injectable()
export class Sandbox implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger(Sandbox.name);
  private readonly running = new Set<LaunchedProgram>();
  private readonly places: FairQueue;
  private host: SandboxHost | undefined;
  private reason = 'The sandbox is not ready yet.';

  constructor(
    private readonly config: AppConfig,
    private readonly proxy: EgressProxy,
    private readonly metrics: Metrics,
  ) {
    this.places = new FairQueue(config.tools.sandboxMaxRuns);
  }

  /** @throws StartError when there must be a sandbox and there can be none */
  async onModuleInit(): Promise<void> {
    try {
      this.host = await prepareHost(this.config);
      await this.probe();
    } catch (error) {
      await this.host?.close();
      this.host = undefined;
      this.reason = error instanceof NoSandbox ? error.message : reasonOf(String(error));
      if (this.config.tools.requireSandbox)
        throw new StartError(`NYX_REQUIRE_SANDBOX is set. ${this.reason}`, { cause: error });
      this.logger.warn(this.reason);
    }
  }

  async onApplicationShutdown(): Promise<void> {
    const running = [...this.running];
    for (const program of running) program.stop({ ended: 'aborted' });
    await Promise.all(running.map(({ ended }) => ended.catch(() => undefined)));
    await this.host?.close();
    this.host = undefined;
    this.reason = 'NYX is stopping.';
  }

  /** Found out once, at start, by running something. */
  availability(): Availability {
    return this.host ? { available: true } : { available: false, reason: this.reason };
  }

  /**
   * Runs a program to its end, when it is its turn.
   * @throws Problem SANDBOX_UNAVAILABLE, OVERLOADED
   * @throws SetUpFailed
   */
  async run(request: SandboxRequest): Promise<SandboxOutcome> {
    if (request.signal.aborted) return { ...NOT_RUN };
    const leave = await this.place(request);
    if (!leave) return { ...NOT_RUN };
    try {
      return await this.runNow(request);
    } finally {
      leave();
    }
  }

  /** @returns what gives the place back; undefined when the caller went away meanwhile. @throws Problem OVERLOADED */
  private async place({ onBehalfOf = '', signal }: SandboxRequest): Promise<(() => void) | undefined> {
    try {
      if (this.places.waitingCount >= MAX_WAITING) throw new QueueTimeout('Too many wait.');
      return await this.places.enter(onBehalfOf, WAIT_MS, signal);
    } catch (error) {
      if (signal.aborted) return undefined;
      if (!(error instanceof QueueTimeout)) throw error;
      throw new Problem('OVERLOADED', 'Too many programs run in the sandbox already; nothing was run.', {
        retryAfterSeconds: RETRY_AFTER_SECONDS,
        cause: error,
      });
    }
  }

  private async runNow(request: SandboxRequest): Promise<SandboxOutcome> {
    const startedAt = performance.now();
    const program = await this.launch(request, request.stdin);
    const { outputBytes, floodBytes } = program.limits;
    const watch = (total: number): void => {
      if (total > floodBytes) program.stop({ ended: 'limit', limit: 'output' });
    };
    const stdout = new OutputCapture(program.stdout, outputBytes, watch);
    const stderr = new OutputCapture(program.stderr, outputBytes, watch);
    const end = await program.ended.catch(async (error: unknown) => {
      await readToEnd(program);
      throw error instanceof SetUpFailed ? new SetUpFailed(stderr.result().text || error.said) : error;
    });
    await readToEnd(program);
    this.metrics.tools.sandboxRuns.inc({ end: end.ended });
    const wrote = { stdout: stdout.result(), stderr: stderr.result() };
    if (wasNotReached(end.exitCode, wrote.stderr.text)) throw new SetUpFailed(wrote.stderr.text);
    return {
      ...end,
      ...wrote,
      durationMs: Math.round(performance.now() - startedAt),
    };
  }

  /**
   * Starts a program that is talked to. Its output has to be read, or it waits.
   * @throws Problem SANDBOX_UNAVAILABLE
   */
  async start(request: SandboxRequest): Promise<SandboxProcess> {
    const program = await this.launch(request, 'stream');
    const { stdin, stdout, stderr, ended } = program;
    if (!stdin) throw new Error('The program has no standard input.');
    if (request.stdin) stdin.write(request.stdin);
    return { stdin, stdout, stderr, ended, kill: () => program.stop({ ended: 'aborted' }) };
  }

  /**
   * A folder for one run, to be mounted as its `privateDirectory`: nothing outside this process and that run writes in it, unless that run
   * hands it on. Its user removes it.
   * @throws Problem SANDBOX_UNAVAILABLE
   */
  async makePrivateDirectory(): Promise<string> {
    if (!this.host) throw new Problem('SANDBOX_UNAVAILABLE', this.reason);
    return await this.host.makeFolder();
  }

  /** With all that is in it, as far as it goes: what cannot be removed now is by the end of NYX or by the next start. */
  async removePrivateDirectory(directory: string): Promise<void> {
    try {
      await removeFolder(directory, AbortSignal.timeout(REMOVAL_TIMEOUT_MS));
    } catch (error) {
      this.logger.warn('A folder of a program could not be removed yet.', error);
    }
  }

  private async launch(request: SandboxRequest, input: ProgramInput): Promise<LaunchedProgram> {
    if (!this.host) throw new Problem('SANDBOX_UNAVAILABLE', this.reason);
    const program = await new Launch(this.host, this.config, this.proxy, request).start(input);
    this.running.add(program);
    const forget = (): void => void this.running.delete(program);
    program.ended.then(forget, forget);
    return program;
  }

  private async probe(): Promise<void> {
    const outcome = await this.run({
      argv: ['true'],
      workspaceDirectory: this.host?.folder ?? '',
      isWorkspaceReadOnly: true,
      limits: { timeoutMs: PROBE_TIMEOUT_MS },
      signal: new AbortController().signal,
    }).catch((error: unknown) => {
      throw error instanceof SetUpFailed ? new NoSandbox(reasonOf(error.said), { cause: error }) : error;
    });
    if (outcome.exitCode !== 0) throw new NoSandbox(reasonOf(outcome.stderr.text));
  }
}

/** What is left in the pipes when the program is gone. */
async function readToEnd({ stdout, stderr }: LaunchedProgram): Promise<void> {
  await Promise.all([stdout, stderr].map((stream) => finished(stream).catch(() => undefined)));
}
