import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readEnvironment } from '../../config/environment.js';
import { PACKAGE_FOLDER } from '../../config/release.js';
import { isPostgresOn, readPostmaster } from '../../database/embedded/postmaster-pid.js';
import { stopServer } from '../../database/embedded/postgres-server.js';
import { childEnvironment, MODEL_SECRETS } from './child-environment.rules.js';
import { DemoError } from './demo-error.js';

const MAIN = join(PACKAGE_FOLDER, 'dist/programs/main.js');
const READY = /^NYX listening on (http:\/\/\S+)$/m;
const READY_TIMEOUT_MS = 60_000;
/** A little longer than running steps are given. */
const STOP_TIMEOUT_MS = 30_000;
const ENDING_MS = 2_000;
const KEPT_OUTPUT = 20_000;

/** A NYX of its own process, with a database and an admin of its own, in a temporary folder. */
export class NyxChild {
  readonly username: string = 'demo';
  private output = '';
  private readonly ending = new AbortController();

  private constructor(
    private readonly process: ChildProcess,
    private readonly folder: string,
    readonly password: string,
    readonly hasModel: boolean,
  ) {
    for (const stream of [process.stdout, process.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        this.output = `${this.output}${chunk}`.slice(-KEPT_OUTPUT);
      });
    }
    process.once('exit', () => {
      this.ending.abort(new DemoError(`NYX ended by itself.\n${this.output.trim()}`.trim()));
    });
  }

  /** Aborts with a DemoError when it has ended. */
  get ended(): AbortSignal {
    return this.ending.signal;
  }

  /** What broke the story off: a request fails a moment before it is known that NYX has ended. */
  async causeOf(error: unknown): Promise<unknown> {
    if (!(error instanceof TypeError)) return error;
    await sleep(ENDING_MS, undefined, { signal: this.ended }).catch(() => undefined);
    return this.ended.aborted ? this.ended.reason : error;
  }

  /**
   * Spawns it; `ready` tells when it answers. The model is the one of the caller's environment, nothing else is taken from there.
   * @throws StartError when a file that the model's variables name cannot be read
   */
  static async spawn(): Promise<NyxChild> {
    const environment = readEnvironment(process.cwd(), MODEL_SECRETS);
    const folder = await mkdtemp(join(tmpdir(), 'nyx-demo-'));
    // PostgreSQL does not run as root; its own account has to pass through.
    await chmod(folder, 0o711);
    const password = randomBytes(18).toString('base64url');
    const child = spawn(process.execPath, [MAIN, '--with-parent'], {
      cwd: folder,
      // A group of its own: Ctrl-C reaches the demo, which stops NYX in order.
      detached: true,
      env: childEnvironment(environment, folder, password),
      // It stops when the channel breaks: also where the demo was killed and could not stop it.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    return new NyxChild(child, folder, password, (environment.ANTHROPIC_API_KEY ?? '').trim() !== '');
  }

  /** @throws DemoError with what NYX said */
  async ready(signal: AbortSignal): Promise<string> {
    const deadline = Date.now() + READY_TIMEOUT_MS;
    while (Date.now() < deadline && !this.hasEnded) {
      const url = READY.exec(this.output)?.[1];
      if (url !== undefined) return url;
      await sleep(20, undefined, { signal });
    }
    throw new DemoError(`NYX did not start.\n${this.output.trim()}`);
  }

  /** Ends NYX and its database and removes the folder. */
  async stop(): Promise<void> {
    if (!this.hasEnded) {
      const ended = once(this.process, 'exit');
      this.process.kill('SIGTERM');
      const isLate = await Promise.race([ended.then(() => false), sleep(STOP_TIMEOUT_MS, true, { ref: false })]);
      if (isLate) {
        this.process.kill('SIGKILL');
        await ended;
      }
    }
    await this.stopDatabase();
    await rm(this.folder, { recursive: true, force: true });
  }

  private get hasEnded(): boolean {
    return this.process.exitCode !== null || this.process.signalCode !== null;
  }

  /** A database that outlived a NYX that was killed. */
  private async stopDatabase(): Promise<void> {
    const data = join(this.folder, 'postgres', 'data');
    const server = await readPostmaster(data);
    if (server && (await isPostgresOn(server.pid, data))) await stopServer(server.pid);
  }
}
