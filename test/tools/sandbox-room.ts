import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { AppConfig } from '../../src/config/app-config.js';
import { configOf } from '../../src/config/load-config.js';
import { EgressProxy } from '../../src/egress/proxy.js';
import { Metrics } from '../../src/telemetry/metrics.js';
import { Sandbox } from '../../src/tools/sandbox/sandbox.js';
import type { SandboxLimits, SandboxOutcome, SandboxRequest } from '../../src/tools/sandbox/sandbox.types.js';

const isRequired = /^(1|true)$/i.test(process.env.NYX_REQUIRE_SANDBOX ?? '');

const hasBubblewrap = (): boolean =>
  process.platform === 'linux' &&
  spawnSync('bwrap', ['--unshare-user', '--ro-bind', '/', '/', 'true'], { stdio: 'ignore' }).status === 0;

/**
 * Tests that run programs. Without bubblewrap they are left out and a line says so, but where NYX_REQUIRE_SANDBOX is set they run,
 * and fail.
 */
export function describeWithSandbox(name: string, tests: () => void): void {
  if (isRequired || hasBubblewrap()) {
    describe(name, tests);
    return;
  }
  process.stderr.write(`Not tested, since bubblewrap cannot run here: ${name}\n`);
  describe.skip(name, tests);
}

export type RunOptions = Partial<Omit<SandboxRequest, 'argv' | 'limits'>> & Partial<SandboxLimits>;

/** A sandbox with a workspace, what it must not reach beside it, and eyes on the machine. */
export class SandboxRoom {
  /** What nobody inside may ever see. */
  readonly secret = `secret-${randomBytes(12).toString('hex')}`;
  connections = 0;

  private constructor(
    readonly folder: string,
    readonly config: AppConfig,
    readonly sandbox: Sandbox,
    private readonly server: Server,
  ) {}

  static async open(tools: Partial<AppConfig['tools']> = {}, parent = tmpdir()): Promise<SandboxRoom> {
    Logger.overrideLogger(false);
    const folder = await mkdtemp(join(parent, 'nyx-test-room-'));
    const defaults = configOf({ NODE_ENV: 'test', NYX_DATA_DIR: folder }, folder);
    const config = Object.assign(new AppConfig(), defaults, { tools: { ...defaults.tools, ...tools } });
    const server = createServer();
    const room = new SandboxRoom(folder, config, new Sandbox(config, new EgressProxy([]), new Metrics()), server);
    server.on('connection', (socket) => {
      room.connections++;
      socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    await mkdir(room.workspace, { recursive: true });
    await mkdir(room.outside);
    await writeFile(room.secretFile, room.secret);
    process.env.NYX_TEST_SECRET = room.secret;
    await room.sandbox.onModuleInit();
    return room;
  }

  get workspace(): string {
    return this.config.workspaceDir;
  }

  /** A folder of the machine beside the workspace. */
  get outside(): string {
    return join(this.folder, 'outside');
  }

  get secretFile(): string {
    return join(this.outside, 'secret.txt');
  }

  /** Where the machine listens, on its loopback; `connections` counts who came. */
  get port(): number {
    const address = this.server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  run(argv: readonly string[], options: RunOptions = {}): Promise<SandboxOutcome> {
    const { timeoutMs = 60_000, memoryBytes, cpuSeconds, processes, outputBytes, fileBytes, ...request } = options;
    return this.sandbox.run({
      workspaceDirectory: this.workspace,
      signal: new AbortController().signal,
      ...request,
      argv,
      limits: { timeoutMs, memoryBytes, cpuSeconds, processes, outputBytes, fileBytes },
    });
  }

  bash(script: string, options: RunOptions = {}): Promise<SandboxOutcome> {
    return this.run(['bash', '-c', script], options);
  }

  /** Holds after anything that ran: nothing outside was read, changed or called, and nothing runs. */
  async expectUnharmed(...outputs: readonly string[]): Promise<void> {
    expect(await sandboxedProcesses(this.folder)).toEqual([]);
    expect(await readdir(this.outside)).toEqual(['secret.txt']);
    expect(await readFile(this.secretFile, 'utf8')).toBe(this.secret);
    expect(this.connections).toBe(0);
    for (const output of outputs) expect(output).not.toContain(this.secret);
  }

  async close(): Promise<void> {
    await this.sandbox.onApplicationShutdown();
    await new Promise((resolve) => this.server.close(resolve));
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Programs in sandboxes with a workspace in that folder, and those that hold one for that process, by their command lines. */
export async function sandboxedProcesses(folder: string, pid = process.pid): Promise<readonly string[]> {
  return [...(await sandboxedCommands(folder, pid)).values()];
}

/** The same by their numbers. */
export async function sandboxedCommands(folder: string, pid = process.pid): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const name of (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))) {
    const [mounts = '', command = ''] = await Promise.all(
      ['mountinfo', 'cmdline'].map((file) => readFile(`/proc/${name}/${file}`, 'utf8').catch(() => '')),
    );
    const isHolder = command.includes('bwrap') && command.includes(`nyx-sandbox-${pid}-`);
    if (mounts.includes(`${folder}/`) || isHolder) found.set(name, command.replaceAll('\0', ' '));
  }
  return found;
}

export const said = ({ stdout, stderr }: SandboxOutcome): string => stdout.text + stderr.text;
