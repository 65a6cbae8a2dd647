import type { SandboxLimits } from './sandbox.types.js';

const MEBIBYTE = 1024 ** 2;
const OUTPUT_BYTES = MEBIBYTE;
const FILE_BYTES = 256 * MEBIBYTE;
const PROCESSES = 256;
const OPEN_FILES = 1024;
/** As often as much as is kept may be said before it is a flood. */
const FLOOD = 16;
/** A Node and its threads, which stand between the program and the proxy. */
const BRIDGE_THREADS = 16;

export interface EffectiveLimits extends Required<SandboxLimits> {
  /** Of each of stdout and stderr, in all. */
  readonly floodBytes: number;
  readonly openFiles: number;
  /** What is in the sandbox beside the program: the first process, and the bridge to the network. */
  readonly ownThreads: number;
  /** Of /tmp and of /dev/shm each; they are memory and count as such. */
  readonly temporaryBytes: number;
}

export function effectiveLimits(wanted: SandboxLimits, memoryMb: number, hasNetwork: boolean): EffectiveLimits {
  const memoryBytes = wanted.memoryBytes ?? memoryMb * MEBIBYTE;
  const outputBytes = wanted.outputBytes ?? OUTPUT_BYTES;
  return {
    timeoutMs: wanted.timeoutMs,
    memoryBytes,
    cpuSeconds: wanted.cpuSeconds ?? Math.max(1, Math.ceil(wanted.timeoutMs / 1000)),
    processes: wanted.processes ?? PROCESSES,
    outputBytes,
    fileBytes: wanted.fileBytes ?? FILE_BYTES,
    floodBytes: outputBytes * FLOOD,
    openFiles: OPEN_FILES,
    ownThreads: 1 + (hasNetwork ? BRIDGE_THREADS : 0),
    temporaryBytes: Math.ceil(memoryBytes / 4),
  };
}

const blocks = (bytes: number): number => Math.ceil(bytes / 512);
const seconds = (time: number): string => (Number.isFinite(time) ? String(Math.ceil(time)) : 'unlimited');
const kilobytes = (bytes: number): number => Math.ceil(bytes / 1024);

/**
 * What the first process of the sandbox does, in a shell: it takes the limits on, starts the program as its child, and ends with it;
 * with it the kernel ends everything else. What the shell itself would say of signals is not the program's and not shown.
 * dash has `-p` for what others call `-u`.
 * @param before more commands, with arguments of their own before the program's
 */
export const firstProcess = (before = ''): string => `
exec 3>&2 2>/dev/null
fail() { echo 'The limits of the sandbox could not be set.' >&3; exit 125; }
ulimit -c 0 || fail
ulimit -S -t "$1" || fail
ulimit -H -t "$2" || fail
ulimit -f "$3" || fail
ulimit -n "$4" || fail
ulimit -d "$5" || fail
ulimit -u "$6" || ulimit -p "$6" || fail
shift 6
${before}
"$@" 2>&3 3>&-
exit $?`;

/** @param isMemoryHeld by a control group: then no process has a limit of its own, which would also count what it only reserves */
export function firstProcessArguments(limits: EffectiveLimits, isMemoryHeld: boolean): readonly string[] {
  return [
    // The soft limit is told from other ends; the hard one ends who does not heed it.
    seconds(limits.cpuSeconds),
    seconds(limits.cpuSeconds + 1),
    String(blocks(limits.fileBytes)),
    String(limits.openFiles),
    isMemoryHeld ? 'unlimited' : String(kilobytes(limits.memoryBytes)),
    String(limits.processes + limits.ownThreads),
  ];
}
