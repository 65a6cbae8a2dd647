import { existsSync } from 'node:fs';
import type { SandboxOutcome } from '../../src/tools/sandbox/sandbox.types.js';
import type { RunOptions } from './sandbox-room.js';

interface ResourceAttack {
  readonly script: string;
  readonly options: RunOptions;
  readonly expected: Partial<SandboxOutcome>;
}

const hasPython = existsSync('/usr/bin/python3') || existsSync('/usr/local/bin/python3');
const MEBIBYTE = 1024 ** 2;
const limit = (which: SandboxOutcome['limit']): Partial<SandboxOutcome> => ({ ended: 'limit', limit: which });

/** What takes all there is of something, and how it ends. Held by other means as root and as an ordinary user. */
export const RESOURCE_ATTACKS: Readonly<Record<string, ResourceAttack>> = {
  'a fork bomb': {
    script: ':(){ :|:& };:; sleep 45',
    options: { processes: 50 },
    expected: limit('processes'),
  },
  'a memory bomb of many processes': {
    script: `for i in 1 2 3 4 5; do perl -e '$x = "a" x 60_000_000; sleep 45' & done; wait`,
    options: { memoryBytes: 160 * MEBIBYTE },
    expected: limit('memory'),
  },
  ...(hasPython && {
    'memory that no process has in its figures': {
      script: `exec python3 -c '
import mmap, time
kept = []
for i in range(8):
  kept.append(mmap.mmap(-1, 64 << 20, mmap.MAP_SHARED | mmap.MAP_ANONYMOUS))
  for at in range(0, 64 << 20, 4096): kept[-1][at] = 1
  kept[-1].madvise(mmap.MADV_DONTNEED)
time.sleep(15)'`,
      options: { memoryBytes: 160 * MEBIBYTE },
      expected: limit('memory'),
    },
    'memory for the tables of memory': {
      script: `exec python3 -c '
import mmap, time
nothing = mmap.mmap(-1, 1 << 38, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, mmap.PROT_READ)
for at in range(0, 1 << 38, 2 << 20): nothing[at]
time.sleep(15)'`,
      options: { memoryBytes: 160 * MEBIBYTE },
      expected: limit('memory'),
    },
    'memory in sockets that nobody reads': {
      script: `exec python3 -c '
import socket, time
kept = []
while True:
  try: kept.append(socket.socketpair())
  except OSError: time.sleep(1); continue
  for end in kept[-1]:
    end.setblocking(False); end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 24)
    try:
      while True: end.send(b"x" * 65536)
    except BlockingIOError: pass'`,
      options: { memoryBytes: 160 * MEBIBYTE },
      expected: limit('memory'),
    },
  }),
  'two processors taken at once': {
    script: 'while :; do :; done & while :; do :; done',
    options: { cpuSeconds: 1 },
    expected: limit('cpu'),
  },
  'a flood of output': {
    script: 'yes flood & yes flood >&2',
    options: { outputBytes: 64 * 1024 },
    expected: limit('output'),
  },
  'a file that does not end': {
    script: 'exec cat /dev/zero > /workspace/endless',
    options: { fileBytes: MEBIBYTE },
    expected: limit('file_size'),
  },
  'a sparse file of a terabyte': {
    script: 'exec perl -e \'open(F, ">", "/workspace/sparse"); truncate(F, 1024 ** 4); print "made\\n"\'',
    options: {},
    expected: limit('file_size'),
  },
  'a million small files in memory': {
    script: 'exec perl -e \'for (1 .. 1_000_000) { open(F, ">", "/tmp/$_") }\'',
    options: {},
    expected: limit('file_size'),
  },
  'memory taken by files': {
    script: 'cat /dev/zero > /dev/shm/full; cat /dev/zero > /tmp/full; exit 9',
    options: { memoryBytes: 128 * MEBIBYTE },
    expected: { ended: 'exited', exitCode: 9 },
  },
};
