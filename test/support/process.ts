import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { newTestFolder, stopPostgresOf } from './test-cluster.js';

const ROOT = resolve(import.meta.dirname, '../..');
export const MAIN = join(ROOT, 'dist/programs/main.js');
/** The same one module to a file: whoever changes some of them has to meet those that run. */
const MODULES = 'dist/src/main.js';
const READY = /NYX listening on (http:\/\/\S+)/;
/** Ten times what it takes: many processes may start at once on one machine. */
const READY_TIMEOUT_MS = 180_000;
const BUILD_TIMEOUT_MS = 300_000;

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface NyxProcess {
  readonly url: string;
  readonly pid: number;
  readonly dataDir: string;
  kill(signal?: NodeJS.Signals): void;
  readonly exited: Promise<Exit>;
  /** Everything it wrote so far. */
  stdout(): string;
  stderr(): string;
}

export interface NyxProcessOptions {
  /** Beside PATH and HOME it gets only these and the defaults of a test: a free port, a data folder of its own. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default: a new folder, see `newDataDir`. */
  readonly dataDir?: string;
  /** Its folder, where it is not the one that was built here. */
  readonly release?: string | undefined;
  /** Another Node than that of the tests: the path of its binary. */
  readonly node?: string | undefined;
  /** A command that runs the command behind it, such as in another view of the file system. */
  readonly within?: readonly string[];
}

const running = new Set<ChildProcess>();
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')));

let built: Promise<void> | undefined;

/** Builds NYX when a source is newer than the last build; once per test file. */
export function ensureBuilt(): Promise<void> {
  built ??= build();
  return built;
}

async function build(): Promise<void> {
  await promisify(execFile)(process.execPath, [join(ROOT, 'src/cli/setup.mjs'), '--no-install'], { cwd: ROOT });
}

/** Longer than a test may take: so it is no part of the first one that starts a process. */
beforeAll(ensureBuilt, BUILD_TIMEOUT_MS);

const folders: string[] = [];

/** An empty folder, removed by `cleanUpProcesses()`. */
export async function newDataDir(): Promise<string> {
  const folder = await newTestFolder();
  folders.push(folder);
  return folder;
}

/** The built NYX as a process of its own that is not waited for: for starts that are meant to fail. */
export async function spawnNyx(
  options: NyxProcessOptions = {},
): Promise<Omit<NyxProcess, 'url'> & { ready: Promise<string> }> {
  await ensureBuilt();
  const dataDir = options.dataDir ?? (await newDataDir());
  const { PATH, HOME } = process.env;
  const isChanged = options.release !== undefined || options.env?.NODE_OPTIONS?.includes('--import file:') === true;
  const entry = isChanged ? join(options.release ?? ROOT, MODULES) : MAIN;
  const node = options.node ?? process.execPath;
  const [program, ...args] = [...(options.within ?? []), node, '--enable-source-maps', entry];
  const child = spawn(program, args, {
    cwd: tmpdir(),
    env: { PATH, HOME, PORT: '0', NYX_DATA_DIR: dataDir, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const output = { stdout: '', stderr: '' };
  const exited = once(child, 'close').then(([code, signal]: unknown[]): Exit => {
    running.delete(child);
    return { code: code as number | null, signal: signal as NodeJS.Signals | null };
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (output.stderr += chunk));
  const ready = new Promise<string>((accept, reject) => {
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      output.stdout += chunk;
      const url = READY.exec(output.stdout)?.[1];
      if (url !== undefined) accept(url);
    });
    const fail = (why: string): void => reject(new Error(`NYX ${why}:\n${output.stdout}\n${output.stderr}`));
    void exited.then(({ code, signal }) => fail(`ended (${code ?? signal ?? '?'}) before it was ready`));
    setTimeout(() => fail('was not ready in time'), READY_TIMEOUT_MS).unref();
  });
  ready.catch(() => undefined);
  return {
    pid: child.pid ?? -1,
    dataDir,
    kill: (signal = 'SIGTERM') => void child.kill(signal),
    exited,
    ready,
    stdout: () => output.stdout,
    stderr: () => output.stderr,
  };
}

/** The built NYX as a process of its own, ready to answer. */
export async function startNyxProcess(options: NyxProcessOptions = {}): Promise<NyxProcess> {
  const nyx = await spawnNyx(options);
  return { ...nyx, url: await nyx.ready };
}

/** For `afterAll`: ends what still runs, also a database that outlived its NYX, and removes the data folders. */
export async function cleanUpProcesses(): Promise<void> {
  for (const child of running) {
    child.kill('SIGKILL');
    await once(child, 'close');
  }
  for (const folder of folders.splice(0)) {
    await stopPostgresOf(folder);
    await rm(folder, { recursive: true, force: true });
  }
}
