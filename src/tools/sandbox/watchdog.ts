import { createReadStream } from 'node:fs';
import { readdir, readFile, stat, statfs } from 'node:fs/promises';
import type { SandboxOutcome } from './sandbox.types.js';
import {
  anonymousBytes,
  parseStat,
  proportionalBytes,
  sharedBytes,
  socketBytes,
  tableBytes,
  UsageJudge,
  type DiskSpace,
  type Usage,
  type UsageLimits,
} from './usage.rules.js';

const LOOK_EVERY_MS = 100;
/** Of what all processes say of their mappings, some hundred bytes for each. */
const MAX_MAPS_BYTES = 8 * 1024 ** 2;
const TEMPORARY = ['tmp', 'dev/shm'];

export interface Watched {
  /** As this process sees it: the first process of the sandbox. */
  readonly initPid: number;
  /** Of the machine, in which it can write. */
  readonly directories: readonly string[];
  /** Whether the kernel, which counts the memory, ran out of what it may have; undefined: nothing but this watchdog counts it. */
  readonly ranOutOfMemory: (() => boolean) | undefined;
  readonly limits: UsageLimits;
}

/** Looks at a sandbox again and again from outside, through the /proc it has itself. */
export class Watchdog {
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;

  constructor(
    private readonly watched: Watched,
    private readonly onLimit: (limit: NonNullable<SandboxOutcome['limit']>) => void,
  ) {
    void this.watch();
  }

  stop(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
  }

  private async watch(): Promise<void> {
    const { limits } = this.watched;
    const judge = new UsageJudge(limits, await this.disks());
    const look = async (): Promise<void> => {
      const usage = await this.look();
      const limit = usage && judge.judge(usage);
      if (this.isStopped) return;
      if (limit) this.onLimit(limit);
      else this.timer = setTimeout(() => void look(), LOOK_EVERY_MS);
    };
    if (!this.isStopped) this.timer = setTimeout(() => void look(), LOOK_EVERY_MS);
  }

  /** @returns undefined before the sandbox is set up and when it is gone */
  private async look(): Promise<Usage | undefined> {
    const root = `/proc/${this.watched.initPid}/root`;
    try {
      // Until it has a root of its own, it would show the processes of the machine.
      const [ours, theirs] = await Promise.all([stat('/'), stat(`${root}/`)]);
      if (ours.dev === theirs.dev && ours.ino === theirs.ino) return undefined;
      const pids = (await readdir(`${root}/proc`)).filter((name) => /^\d+$/.test(name));
      const stats = await Promise.all(pids.map((pid) => text(`${root}/proc/${pid}/stat`)));
      const processes = stats.flatMap((line) => parseStat(line) ?? []);
      const temporary = await Promise.all(TEMPORARY.map((folder) => space(`${root}/${folder}`)));
      const used = temporary.map((now) => now ?? NO_DISK);
      return {
        threads: processes.reduce((sum, { threads }) => sum + threads, 0),
        cpuSeconds: processes.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
        memoryBytes: await this.memory(
          root,
          pids.map((pid) => `${root}/proc/${pid}`),
          used.reduce((sum, { totalBytes, freeBytes }) => sum + totalBytes - freeBytes, 0),
        ),
        temporaryFiles: used.reduce((sum, { totalFiles, freeFiles }) => sum + totalFiles - freeFiles, 0),
        disks: await this.disks(),
      };
    } catch {
      return undefined;
    }
  }

  private async disks(): Promise<readonly DiskSpace[]> {
    return await Promise.all(this.watched.directories.map(async (path) => (await space(path)) ?? NO_DISK));
  }

  private async memory(root: string, processes: readonly string[], temporaryBytes: number): Promise<number> {
    if (this.watched.ranOutOfMemory) return this.watched.ranOutOfMemory() ? Infinity : 0;
    const sum = (contents: readonly string[], bytesOf: (content: string) => number): number =>
      contents.reduce((bytes, content) => bytes + bytesOf(content), 0);
    const read = (file: string): Promise<readonly string[]> =>
      Promise.all(processes.map((folder) => text(`${folder}/${file}`)));
    const statuses = await read('status');
    const others =
      temporaryBytes +
      sum(statuses, tableBytes) +
      socketBytes(await text(`${root}/proc/1/net/sockstat`)) +
      (await shared(processes));
    const anonymous = sum(statuses, anonymousBytes);
    if (anonymous + others <= this.watched.limits.memoryBytes) return anonymous + others;
    // Children count their parent's pages once more until somebody writes: the dear figure decides.
    return others + Math.min(anonymous, sum(await read('smaps_rollup'), proportionalBytes) || anonymous);
  }
}

/** Infinity: they have more mappings than can be looked through, which are memory as well. */
async function shared(processes: readonly string[]): Promise<number> {
  const bytesOf = new Map<string, number>();
  let left = MAX_MAPS_BYTES;
  for (const folder of processes) {
    const maps = await beginning(`${folder}/maps`, left);
    left -= maps.length;
    if (left <= 0) return Infinity;
    for (const [inode, bytes] of sharedBytes(maps)) bytesOf.set(inode, Math.max(bytesOf.get(inode) ?? 0, bytes));
  }
  return [...bytesOf.values()].reduce((sum, bytes) => sum + bytes, 0);
}

/** At most so many bytes; empty when the process is gone. The kernel gives it a page at a time. */
async function beginning(path: string, maxBytes: number): Promise<string> {
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of createReadStream(path, { end: maxBytes - 1 })) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString('latin1');
  } catch {
    return '';
  }
}

const NO_DISK: DiskSpace = { freeBytes: 0, totalBytes: 0, freeFiles: 0, totalFiles: 0 };

/** Empty when the process is gone. */
const text = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');

async function space(path: string): Promise<DiskSpace | undefined> {
  try {
    const { bavail, blocks, bsize, ffree, files } = await statfs(path);
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize, freeFiles: ffree, totalFiles: files };
  } catch {
    return undefined;
  }
}
