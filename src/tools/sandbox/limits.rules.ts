import { START_INSIDE } from './bwrap-arguments.rules.js';
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

/** How the first process says that the program was not reached. A program that says the same only hides what it did itself. */
const NOT_REACHED = 125;
const NOT_REACHED_SAYS = 'sandbox: ';
export const NO_WORKING_DIRECTORY = 'no such working directory';

export const wasNotReached = (exitCode: number | undefined, said: string): boolean =>
  exitCode === NOT_REACHED && said.startsWith(NOT_REACHED_SAYS);

const blocks = (bytes: number): number => Math.ceil(bytes / 512);
const seconds = (time: number): string => (Number.isFinite(time) ? String(Math.ceil(time)) : 'unlimited');
const kilobytes = (bytes: number): number => Math.ceil(bytes / 1024);

/**
 * What the first process of the sandbox does, in a shell: it takes the limits on, goes to the working directory, starts the program as its
 * child, and ends with it; with it the kernel ends everything else. The child is a shell that becomes the program, so that nothing runs which
 * shells have by its name, and what shells set is not among its variables. bubblewrap is not told of that directory: it still holds
 * descriptors of the machine then, and a link in the workspace to /proc/self/fd would lead out by them. What the shell itself would say of
 * signals is not the program's and not shown.
 * dash has `-p` for what others call `-u`.
 * @param before more commands, with arguments of their own
 */
export const firstProcess = (before = ''): string => `
exec 3>&2 2>/dev/null
fail() { echo "${NOT_REACHED_SAYS}$1" >&3; exit ${NOT_REACHED}; }
no_limit() { fail 'The limits could not be set.'; }
ulimit -c 0 || no_limit
ulimit -S -t "$1" || no_limit
ulimit -H -t "$2" || no_limit
ulimit -f "$3" || no_limit
ulimit -n "$4" || no_limit
ulimit -d "$5" || no_limit
ulimit -u "$6" || ulimit -p "$6" || no_limit
cd -- "$7" || fail '${NO_WORKING_DIRECTORY}'
unset PWD OLDPWD SHLVL _
shift 7
${before}
. ${START_INSIDE}
( exec "$@" ) 2>&3 3>&-
exit $?`;

/**
 * @param isMemoryHeld by a control group: then no process has a limit of its own, which would also count what it only reserves
 * @param workingDirectory absolute, inside
 */
export function firstProcessArguments(
  limits: EffectiveLimits,
  isMemoryHeld: boolean,
  workingDirectory: string,
): readonly string[] {
  return [
    // The soft limit is told from other ends; the hard one ends who does not heed it.
    seconds(limits.cpuSeconds),
    seconds(limits.cpuSeconds + 1),
    String(blocks(limits.fileBytes)),
    String(limits.openFiles),
    isMemoryHeld ? 'unlimited' : String(kilobytes(limits.memoryBytes)),
    String(limits.processes + limits.ownThreads),
    workingDirectory,
  ];
}
