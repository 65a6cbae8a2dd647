import type { SandboxOutcome } from './sandbox.types.js';

/** Linux counts processor time for user space in hundredths of a second, on every processor. */
const TICKS_PER_SECOND = 100;
/** Files in memory take the kernel's own, which the size of the memory file systems does not bound. */
const MAX_TEMPORARY_FILES = 50_000;
/** A program at its limit of processes gets refusals; one that stays there is not coming back. */
const FULL_LOOKS = 3;
/** The disk is the machine's: a run ends when it takes the last of it. */
const RESERVED_SHARE = 0.05;
const RESERVED_BYTES = 1024 ** 3;
const NOTICED_BYTES = 16 * 1024 ** 2;
const NOTICED_FILES = 5_000;

export interface ProcessStat {
  readonly threads: number;
  /** Of itself and of the children it waited for. */
  readonly cpuSeconds: number;
  /** When it started, in ticks since the machine did. */
  readonly startTicks: number;
}

/** `/proc/<pid>/stat`. @returns undefined when it is none, as of a process that is just ending */
export function parseStat(text: string): ProcessStat | undefined {
  // The name of the program may have blanks and parentheses in it.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [threads, startTicks] = [Number(fields[17]), Number(fields[19])];
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return Number.isFinite(startTicks) ? { threads, cpuSeconds: ticks / TICKS_PER_SECOND, startTicks } : undefined;
}

const kilobytesIn = (text: string, line: RegExp): number =>
  [...text.matchAll(line)].reduce((sum, [, number]) => sum + Number(number), 0) * 1024;

/** Bytes a process has in memory that are no files and are shared with none but its children, by `/proc/<pid>/status`. */
export const anonymousBytes = (status: string): number => kilobytesIn(status, /^RssAnon:\s+(\d+) kB$/gm);

/** Bytes the kernel takes to find them, by the same: a gigabyte can be had by looking at a terabyte of nothing. */
export const tableBytes = (status: string): number => kilobytesIn(status, /^VmPTE:\s+(\d+) kB$/gm);

/** `anonymousBytes` with what processes share counted once, by `/proc/<pid>/smaps_rollup`. */
export const proportionalBytes = (rollup: string): number => kilobytesIn(rollup, /^Pss_Anon:\s+(\d+) kB$/gm);

/**
 * Memory without a file that processes share, by `/proc/<pid>/maps`: bytes by the number of each. It counts whole: what was written to it
 * and let go of stays, and is in no figure of any process.
 */
export function sharedBytes(maps: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const [, from = '', to = '', inode = ''] of maps.matchAll(SHARED_MEMORY))
    found.set(inode, (found.get(inode) ?? 0) + parseInt(to, 16) - parseInt(from, 16));
  return found;
}

const SHARED_MEMORY = /^([0-9a-f]+)-([0-9a-f]+) ...s \S+ \S+ (\d+)\s+\/dev\/zero \(deleted\)$/gm;

/** So many sockets may be there that nobody counts. */
const UNCOUNTED_SOCKETS = 128;
/** What Linux lets be sent to one before it is read, at its defaults. */
const SOCKET_BYTES = 425_984;

/** What sockets may hold, by `/proc/<pid>/net/sockstat`: what they do hold the kernel does not say. */
export function socketBytes(sockstat: string): number {
  const [, used = '0'] = /^sockets: used (\d+)$/m.exec(sockstat) ?? [];
  return Math.max(0, Number(used) - UNCOUNTED_SOCKETS) * SOCKET_BYTES;
}

export interface DiskSpace {
  readonly freeBytes: number;
  readonly totalBytes: number;
  readonly freeFiles: number;
  /** 0 where the file system does not say. */
  readonly totalFiles: number;
}

/** What a look at a running sandbox saw. */
export interface Usage {
  readonly threads: number;
  readonly cpuSeconds: number;
  /** Infinity: the kernel says that it had too much. */
  readonly memoryBytes: number;
  /** In the memory file systems of the sandbox. */
  readonly temporaryFiles: number;
  /** Of the folders it can write in, always in the same order. */
  readonly disks: readonly DiskSpace[];
}

export interface UsageLimits {
  readonly threads: number;
  readonly cpuSeconds: number;
  readonly memoryBytes: number;
}

/** Judges one sandbox look by look. */
export class UsageJudge {
  private fullLooks = 0;

  constructor(
    private readonly limits: UsageLimits,
    private readonly disksBefore: readonly DiskSpace[],
  ) {}

  /** @returns the limit that was passed */
  judge(usage: Usage): SandboxOutcome['limit'] {
    this.fullLooks = usage.threads >= this.limits.threads ? this.fullLooks + 1 : 0;
    if (usage.memoryBytes > this.limits.memoryBytes) return 'memory';
    if (usage.cpuSeconds > this.limits.cpuSeconds) return 'cpu';
    if (this.fullLooks >= FULL_LOOKS) return 'processes';
    const isFillingOne = usage.disks.some((disk, index) => isFilling(this.disksBefore[index] ?? disk, disk));
    if (usage.temporaryFiles > MAX_TEMPORARY_FILES || isFillingOne) return 'file_size';
    return undefined;
  }
}

/** Whether the disk has become nearly full since. Who else wrote cannot be told. */
export function isFilling(before: DiskSpace, now: DiskSpace): boolean {
  const reservedBytes = Math.min(now.totalBytes * RESERVED_SHARE, RESERVED_BYTES);
  const reservedFiles = now.totalFiles * RESERVED_SHARE;
  return (
    (now.freeBytes < reservedBytes && before.freeBytes - now.freeBytes > NOTICED_BYTES) ||
    (now.freeFiles < reservedFiles && before.freeFiles - now.freeFiles > NOTICED_FILES)
  );
}
