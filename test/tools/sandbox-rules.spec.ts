import { once } from 'node:events';
import { Readable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { OutputCapture } from '../../src/tools/sandbox/captured-output.js';
import { ownGroups } from '../../src/tools/sandbox/control-groups.rules.js';
import { seccompFilter } from '../../src/tools/sandbox/seccomp.rules.js';
import { reasonOf } from '../../src/tools/sandbox/unavailable.rules.js';
import {
  anonymousBytes,
  isFilling,
  parseStat,
  proportionalBytes,
  sharedBytes,
  socketBytes,
  tableBytes,
  UsageJudge,
} from '../../src/tools/sandbox/usage.rules.js';

describe('the control groups of this process', () => {
  it('of version 1 are found by controller', () => {
    const mounts = [
      '30 25 0:26 / /sys/fs/cgroup/memory rw,nosuid shared:9 - cgroup cgroup rw,memory',
      '31 25 0:27 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct',
      '32 25 0:28 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids',
    ].join('\n');
    const own = ownGroups(mounts, '9:memory:/a/b\n8:pids:/\n3:cpu,cpuacct:/c\n');
    expect(own.unified).toBeUndefined();
    expect(Object.fromEntries(own.byController)).toEqual({
      memory: '/sys/fs/cgroup/memory/a/b',
      pids: '/sys/fs/cgroup/pids',
      cpu: '/sys/fs/cgroup/cpu,cpuacct/c',
      cpuacct: '/sys/fs/cgroup/cpu,cpuacct/c',
    });
  });

  it.each([
    ['/', '0::/user.slice/nyx.service', '/sys/fs/cgroup/user.slice/nyx.service'],
    ['/', '0::/', '/sys/fs/cgroup'],
    ['/docker/x', '0::/docker/x', '/sys/fs/cgroup'],
    ['/docker/x', '0::/docker/x/y', '/sys/fs/cgroup/y'],
    ['/docker/x', '0::/elsewhere', undefined],
  ])('of version 2 are found below what is mounted (%s, %s)', (root, groups, folder) => {
    const mounts = `29 23 0:25 ${root} /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate`;
    expect(ownGroups(mounts, `${groups}\n`).unified).toBe(folder);
  });

  it('are none where there are none', () => {
    expect(ownGroups('', '')).toEqual({ byController: new Map(), unified: undefined });
  });
});

describe('what the sandbox uses', () => {
  const fields = '1 S 1 2 3 0 -1 4194304 100 0 0 0 150 50 300 100 20 0 7 0 4242 99';

  it('is read also of a program with a confusing name', () => {
    expect(parseStat(`12 (a) S (9 9) ${fields.slice(2)}`)).toEqual({ threads: 7, cpuSeconds: 6, startTicks: 4242 });
    expect(parseStat('')).toBeUndefined();
  });

  it('is all that is no file', () => {
    const status = 'RssAnon:\t  10 kB\nRssFile:\t 500 kB\nRssShmem:\t 2 kB\nVmPTE:\t  44 kB\n';
    expect([anonymousBytes(status), tableBytes(status)]).toEqual([10 * 1024, 44 * 1024]);
    expect(proportionalBytes('Pss: 100 kB\nPss_Anon:  3 kB\nPss_File: 9 kB\nPss_Shmem: 1 kB\n')).toBe(3 * 1024);
    const maps = [
      '7f0000000000-7f0000400000 rw-s 00000000 00:01 1051                       /dev/zero (deleted)',
      '7f0001000000-7f0001001000 r--s 00000000 00:01 1051                       /dev/zero (deleted)',
      '7f0002000000-7f0002001000 rw-p 00000000 00:01 1052                       /dev/zero (deleted)',
      '7f0003000000-7f0003001000 rw-s 00000000 08:01 1053                       /workspace/dev/zero (deleted)',
    ];
    expect([...sharedBytes(maps.join('\n'))]).toEqual([['1051', 0x400000 + 0x1000]]);
    expect(socketBytes('sockets: used 130\nTCP: inuse 1\n')).toBe(2 * 425_984);
    expect(socketBytes('')).toBe(0);
  });

  const disk = { freeBytes: 100e9, totalBytes: 200e9, freeFiles: 1e6, totalFiles: 2e6 };
  const usage = { threads: 1, cpuSeconds: 0, memoryBytes: 0, temporaryFiles: 0, disks: [disk, disk] };
  const limits = { threads: 10, cpuSeconds: 5, memoryBytes: 100 };

  it.each([
    [{}, undefined],
    [{ memoryBytes: 101 }, 'memory'],
    [{ cpuSeconds: 5.1 }, 'cpu'],
    [{ temporaryFiles: 50_001 }, 'file_size'],
    [{ disks: [{ ...disk, freeBytes: 0.5e9 }, disk] }, 'file_size'],
    [{ disks: [disk, { ...disk, freeFiles: 10_000 }] }, 'file_size'],
  ] as const)('is judged by its limits: %j', (more, limit) => {
    expect(new UsageJudge(limits, [disk, disk]).judge({ ...usage, ...more })).toBe(limit);
  });

  it('may be all its processes for a moment', () => {
    const judge = new UsageJudge(limits, [disk, disk]);
    const looks = [10, 10, 9, 10, 10, 10].map((threads) => judge.judge({ ...usage, threads }));
    expect(looks).toEqual([undefined, undefined, undefined, undefined, undefined, 'processes']);
  });

  it('is not to blame for a disk that was full before', () => {
    const full = { ...disk, freeBytes: 1e6 };
    expect(isFilling(full, { ...full, freeBytes: 0.9e6 })).toBe(false);
    expect(isFilling({ ...disk, totalFiles: 0, freeFiles: 0 }, { ...disk, totalFiles: 0, freeFiles: 0 })).toBe(false);
  });
});

describe('output that is kept', () => {
  it('takes the memory of its bytes, in however small pieces it comes', async () => {
    const piece = Buffer.alloc(65_536, 'a');
    // As the kernel's pieces are: each with memory of its own.
    const stream = Readable.from(
      (function* () {
        for (let n = 0; n < 2000; n++) yield Buffer.from(new Uint8Array(piece).buffer, 0, 1);
      })(),
    );
    const before = process.memoryUsage().arrayBuffers;
    const capture = new OutputCapture(stream, 1_048_576, () => undefined);
    await once(stream, 'end');
    setFlagsFromString('--expose-gc');
    (runInNewContext('gc') as () => void)();
    expect(capture.result()).toMatchObject({ totalBytes: 2000, text: 'a'.repeat(2000) });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1_048_576);
  });
});

describe('the filter of system calls', () => {
  it.each(['x64', 'arm64'])('is a program for %s whose jumps stay in it', (processor) => {
    const filter = Buffer.from(seccompFilter(processor) ?? []);
    const count = filter.length / 8;
    expect(count).toBeGreaterThan(40);
    for (let index = 0; index < count; index++) {
      const isJump = (filter.readUInt16LE(index * 8) & 7) === 5;
      const farthest = Math.max(filter.readUInt8(index * 8 + 2), filter.readUInt8(index * 8 + 3));
      if (isJump) expect(index + 1 + farthest).toBeLessThan(count);
    }
  });

  it('is none for processors whose calls it does not know', () => {
    expect(seccompFilter('ppc64')).toBeUndefined();
  });
});

describe('why there is no sandbox', () => {
  it.each([
    ['bwrap: Unknown option --bind-fd', /too old/],
    ["bwrap: Can't mount proc on /newroot/proc: Operation not permitted", /unmasked \/proc/],
    ['bwrap: No permissions to create new namespace, likely because the kernel does not allow', /user namespaces/],
    ['bwrap: setting up uid map: Permission denied', /apparmor/],
    ['', /no reason was given/],
    ['something else\nmore', /\(something else\)/],
  ])('is said so that it can be changed: %j', (words, reason) => {
    expect(reasonOf(words)).toMatch(reason);
  });
});
