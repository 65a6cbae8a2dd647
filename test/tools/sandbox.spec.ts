import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../support/until.js';
import type { SandboxOutcome } from '../../src/tools/sandbox/sandbox.types.js';
import { describeWithSandbox, said, sandboxedProcesses, SandboxRoom } from './sandbox-room.js';

describeWithSandbox('the sandbox', () => {
  let room: SandboxRoom;
  beforeAll(async () => {
    room = await SandboxRoom.open();
  });
  afterAll(async () => {
    await room.close();
  });
  afterEach(async () => {
    await room.expectUnharmed();
  });

  it('is available, and answers what a program wrote and how it ended', async () => {
    expect(room.sandbox.availability()).toEqual({ available: true });
    const outcome = await room.bash('echo out; echo err >/dev/stderr; exit 7');
    expect(outcome).toMatchObject({ ended: 'exited', exitCode: 7 });
    expect(outcome.stdout).toEqual({ text: 'out\n', totalBytes: 4, isTruncated: false, isBinary: false });
    expect(outcome.stderr.text).toBe('err\n');
    expect((await room.run(['sh', '-c', 'kill -9 $$'])).exitCode).toBe(137);
    expect(await room.run(['no-such-program'])).toMatchObject({ ended: 'exited', exitCode: 127 });
  });

  it('shows a program nothing of NYX: not its variables, descriptors, files, processes or user', async () => {
    const outcome = await room.bash(
      [
        `env; cat /proc/*/environ | tr -d '\\000'; ls /proc/self/fd; id; hostname; whoami`,
        'ls -d /proc/[0-9]* ; ls / /etc /home /root /sys 2>&1; cat /etc/passwd /etc/shadow 2>&1; cat /proc/1/root/etc/shadow 2>&1',
        `cat ${room.secretFile} /proc/1/root${room.secretFile} /proc/1/cwd/../outside/secret.txt 2>&1`,
      ].join('\n'),
    );
    const text = said(outcome);
    await room.expectUnharmed(text);
    expect(text).toContain('uid=1000(nyx) gid=1000(nyx)');
    expect(text).toContain('\nsandbox\n');
    expect(text).not.toContain('root:');
    expect(text).not.toMatch(/^(home|root)$/m);
    expect(text).not.toContain(room.config.dataDir + '/w');
    const descriptors = await room.run([
      'perl',
      '-e',
      'opendir(D, "/proc/self/fd"); print join(" ", sort(grep(/\\d/, readdir(D))))',
    ]);
    // The last is the listing's own.
    expect(descriptors.stdout.text).toBe('0 1 2 3');
  });

  it('lets it write in the workspace, and to nothing else that lasts', async () => {
    const places = ['/', '/usr', '/etc', '/dev', '/proc', '/run', '/opt/nyx', '/usr/bin', room.outside];
    const script = places.map((place) => `touch ${place}/mark 2>&1; mkdir -p ${place}/folder 2>&1`).join('\n');
    const outcome = await room.bash(
      `${script}\necho kept > /workspace/kept.txt; echo gone > /tmp/gone; ls /tmp /dev/shm`,
    );
    expect(await readFile(join(room.workspace, 'kept.txt'), 'utf8')).toBe('kept\n');
    expect(outcome.stdout.text.match(/Read-only file system|No such file|Permission denied/g)?.length).toBeGreaterThan(
      8,
    );
    expect((await room.bash('ls /tmp')).stdout.text).toBe('');
    for (const path of ['/usr/mark', '/etc/mark', '/dev/mark', '/tmp/gone']) await expect(stat(path)).rejects.toThrow();
  });

  it('lets nobody change the kernel or the devices, of which the machine’s root is the owner', async () => {
    const before = (await stat('/dev/null')).mode;
    const outcome = await room.run([
      'perl',
      '-MFcntl',
      '-e',
      `
sub attempt { my ($what, $did) = @_; print $did ? "DONE $what\\n" : "refused $what: $!\\n" }
attempt($_, sysopen(my $file, $_, O_WRONLY)) for '/proc/sys/kernel/core_pattern', '/proc/sys/vm/drop_caches', '/proc/self/oom_score_adj', '/proc/sysrq-trigger';
attempt("chmod $_", chmod(0666, "/dev/$_")) for 'null', 'zero', 'full', 'random', 'urandom';
attempt($_, sysopen(my $file, $_, O_RDONLY)) for '/proc/kcore', '/proc/kmsg', '/dev/mem', '/dev/vda';
`,
    ]);
    expect(outcome.stdout.text.match(/refused/g)).toHaveLength(13);
    expect(outcome.stdout.text).not.toContain('DONE');
    expect(outcome.exitCode).toBe(0);
    expect((await stat('/dev/null')).mode).toBe(before);
    expect((await room.bash('echo works > /dev/null && head -c 3 /dev/zero | wc -c')).stdout.text.trim()).toBe('3');
    expect((await room.bash('unshare --user true; unshare --mount true; mount -t tmpfs x /tmp')).exitCode).not.toBe(0);
  });

  it('takes away what namespaces do not separate', async () => {
    const outcome = await room.run([
      'perl',
      '-e',
      `
my $arm = \`uname -m\` =~ /aarch64/;
sub refused { my ($name, $did) = @_; print "$name ", $did ? 'DONE' : $! + 0, "\\n" }
for (['add_key', 248, 217], ['keyctl', 250, 219], ['syslog', 103, 116], ['bpf', 321, 280], ['memfd_create', 319, 279],
     ['perf_event_open', 298, 241], ['io_uring_setup', 425, 425], ['shmget', 29, 194], ['userfaultfd', 323, 282], ['openat2', 437, 437]) {
  my ($name, $x64, $arm64) = @$_;
  refused($name, syscall($arm ? $arm64 : $x64, 0, 0, 0, 0, 0) >= 0);
}
refused("family $_", socket(my $socket, $_, $_ == 17 || $_ == 38 ? 3 : 1, 0)) for 40, 38, 17;
`,
    ]);
    const lines = outcome.stdout.text.trim().split('\n');
    expect(lines.slice(0, 10).map((line) => line.split(' ')[1])).toEqual(Array(10).fill('38'));
    expect(lines.slice(10)).toEqual(['family 40 97', 'family 38 97', 'family 17 97']);
  });

  it('lets it make no file that others could run as the user of NYX, whichever call makes it', async () => {
    const outcome = await room.run([
      'perl',
      '-MFcntl',
      '-MFcntl=:mode',
      '-e',
      `
umask(0);
my $arm = \`uname -m\` =~ /aarch64/;
my ($cwd, $made) = (-100, 0);
sub attempt { my ($name, $did) = @_; print "$name ", $did ? 'DONE' : $! + 0, "\n" }
sub calls { my ($name, $number, @arguments) = @_; attempt($name, syscall($number, @arguments) >= 0) if defined $number }
sub fresh { '/workspace/made-' . $made++ }
open(my $tool, '>', '/workspace/tool');
for my $mode (04755, 02755) {
  attempt('chmod', chmod($mode, '/workspace/tool'));
  attempt('fchmod', chmod($mode, $tool));
  calls('creat', $arm ? undef : 85, fresh(), $mode);
  calls('open', $arm ? undef : 2, fresh(), O_CREAT | O_WRONLY, $mode);
  calls('openat', $arm ? 56 : 257, $cwd, fresh(), O_CREAT | O_WRONLY, $mode);
  calls('unnamed', $arm ? 56 : 257, $cwd, '/workspace', 020000000 | O_DIRECTORY | O_WRONLY, $mode);
  calls('mknod', $arm ? undef : 133, fresh(), S_IFREG | $mode, 0);
  calls('mknodat', $arm ? 33 : 259, $cwd, fresh(), S_IFREG | $mode, 0);
  calls('mkdir', $arm ? undef : 83, fresh(), $mode);
  calls('mkdirat', $arm ? 34 : 258, $cwd, fresh(), $mode);
}
# An open that makes nothing has no mode: what stands there is not looked at.
calls('read', $arm ? 56 : 257, $cwd, '/workspace/tool', O_RDONLY, 06755);
calls('made', $arm ? 56 : 257, $cwd, '/workspace/ordinary', O_CREAT | O_WRONLY, 0755);
calls('folder', $arm ? 34 : 258, $cwd, '/workspace/sticky', 01777);
chmod(0755, '/workspace/tool');
`,
    ]);
    const lines = outcome.stdout.text.trim().split('\n');
    expect(lines.splice(-3)).toEqual(['read DONE', 'made DONE', 'folder DONE']);
    expect(lines.length).toBeGreaterThanOrEqual(12);
    expect(lines.filter((line) => !line.endsWith(' 1'))).toEqual([]);
    expect((await readdir(room.workspace)).filter((name) => name.startsWith('made-'))).toEqual([]);
    expect((await stat(join(room.workspace, 'tool'))).mode & 0o7777).toBe(0o755);
    expect((await stat(join(room.workspace, 'ordinary'))).mode & 0o7777).toBe(0o755);
  });

  it('ends with the program everything it started', async () => {
    const outcome = await room.bash(
      `(trap '' TERM HUP INT; sleep 1000) & setsid sleep 1000 & (setsid bash -c 'sleep 1000 & sleep 1000' &) ; nohup sleep 1000 >/dev/null 2>&1 & exit 3`,
    );
    expect(outcome).toMatchObject({ ended: 'exited', exitCode: 3 });
  });

  it('ends it at the timeout, whatever it ignores', async () => {
    const outcome = await room.bash(`trap '' TERM HUP INT; setsid sleep 1000 & echo up; while :; do sleep 1; done`, {
      timeoutMs: 3_000,
    });
    expect(outcome).toMatchObject({ ended: 'timeout', exitCode: undefined });
    expect(outcome.stdout.text).toBe('up\n');
  });

  it('ends it when its caller goes away, and starts nothing for one who went before', async () => {
    const caller = new AbortController();
    const running = room.bash('touch started; sleep 1000', { signal: caller.signal });
    await until('the program runs', async () => (await readdir(room.workspace)).includes('started'));
    caller.abort();
    expect(await running).toMatchObject({ ended: 'aborted', exitCode: undefined });
    expect(await room.bash('touch late', { signal: caller.signal })).toMatchObject({ ended: 'aborted' });
    expect(await readdir(room.workspace)).not.toContain('late');
  });

  it('gives it nothing to read, or the bytes it is given, also as /dev/stdin', async () => {
    expect(await room.run(['cat'], { timeoutMs: 5000 })).toMatchObject({ ended: 'exited', exitCode: 0 });
    const stdin = Buffer.from('given\n');
    expect((await room.run(['cat'], { stdin })).stdout.text).toBe('given\n');
    expect((await room.run(['cat', '/dev/stdin'], { stdin })).stdout.text).toBe('given\n');
  });

  it('talks to a program that is started', async () => {
    const program = await room.sandbox.start({
      argv: ['sh', '-c', 'read line; echo "heard $line"; read line'],
      workspaceDirectory: room.workspace,
      limits: { timeoutMs: Infinity },
      signal: new AbortController().signal,
    });
    let heard = '';
    program.stdout.setEncoding('utf8').on('data', (text: string) => (heard += text));
    program.stderr.resume();
    program.stdin.write('this\n');
    await until('it answers', () => heard === 'heard this\n');
    program.kill();
    expect(await program.ended).toMatchObject({ ended: 'aborted' });
  });

  it('can have the workspace read-only, and works in a folder of it', async () => {
    await mkdir(join(room.workspace, 'deep/er'), { recursive: true });
    const outcome = await room.bash('pwd; touch here', { workingDirectory: 'deep/er', isWorkspaceReadOnly: true });
    expect(outcome.stdout.text).toBe('/workspace/deep/er\n');
    expect(outcome.stderr.text).toContain('Read-only file system');
    await expect(room.bash('pwd', { workingDirectory: 'nowhere' })).rejects.toThrow(
      'The working directory does not exist.',
    );
    const up = await room.bash('pwd', { workingDirectory: '../../../' });
    expect(up.stdout.text).toBe('/\n');
  });

  it('mounts no folder that a link stands in the place of', async () => {
    const part = join(room.workspace, 'part');
    await mkdir(join(part, 'mine'), { recursive: true });
    expect((await room.bash('touch made', { workspaceDirectory: join(part, 'mine') })).exitCode).toBe(0);
    await rm(part, { recursive: true });
    await mkdir(join(room.folder, 'other/mine'), { recursive: true });
    await symlink(join(room.folder, 'other'), part);
    await expect(room.bash('touch made', { workspaceDirectory: join(part, 'mine') })).rejects.toThrow(
      'not where it was',
    );
    await symlink(room.outside, join(room.workspace, 'leaf'));
    await expect(room.bash('touch made', { workspaceDirectory: join(room.workspace, 'leaf') })).rejects.toThrow();
    expect(await readdir(join(room.folder, 'other/mine'))).toEqual([]);
  });

  it('follows no link in the workspace out of it', async () => {
    for (const [name, target] of [
      ['file', room.secretFile],
      ['folder', room.outside],
      ['shadow', '/etc/shadow'],
    ] as const)
      await symlink(target, join(room.workspace, `link-${name}`));
    const outcome = await room.bash(
      'cat link-file link-folder/secret.txt link-shadow; echo x > link-file; echo x > link-folder/new; ln link-file hard; cd link-folder',
    );
    await room.expectUnharmed(said(outcome));
    expect(outcome.stdout.text).toBe('');
  });

  it('works in no folder of the machine that a link leads to by a descriptor of bubblewrap', async () => {
    // An ordinary program has the same numbers, and none of them is a folder.
    const numbers = Array.from({ length: 16 }, (_, number) => number);
    for (const number of numbers)
      await symlink(`/proc/self/fd/${number}`, join(room.workspace, `descriptor-${number}`));
    await symlink('/proc/1/cwd', join(room.workspace, 'descriptor-cwd'));
    for (const name of [...numbers.map(String), 'cwd']) {
      const script = `cat .${room.secretFile} ..${room.secretFile} ../..${room.secretFile}`;
      const outcome = await room
        .bash(script, { workingDirectory: `descriptor-${name}` })
        .catch((error: unknown) => error);
      const text = outcome instanceof Error ? outcome.message : said(outcome as SandboxOutcome);
      expect(text).toMatch(/No such file or directory|does not exist/);
      await room.expectUnharmed(text);
    }
  });

  it('tells binary output from text, and keeps whole characters of what is too long', async () => {
    const binary = await room.bash('head -c 3000 /dev/zero; printf "caf\\xc3\\xa9" >&2');
    expect(binary.stdout).toEqual({ text: '', totalBytes: 3000, isTruncated: false, isBinary: true });
    expect(binary.stderr.text).toBe('café');
    const long = await room.bash('printf "aé%.0s" $(seq 1000)', { outputBytes: 1001 });
    expect(long.stdout).toMatchObject({ totalBytes: 3000, isTruncated: true, isBinary: false });
    expect(long.stdout.text).toBe(`${'aé'.repeat(333)}a`);
  });

  it('tells nobody on the machine the variables of a program, or what it is given, whatever they are', async () => {
    const value = `it's ${room.secret}\n$(touch /workspace/no) \\ "é" \u0001'`;
    // Without a fork once it is up: until it is another program, what is forked shows what bash shows.
    const script =
      'sleep 0.01; printf %s "$VALUE"; printf %s "$1"; touch /workspace/is-up; while [ -e /workspace/is-up ]; do :; done';
    const running = room.run(['bash', '-c', script, 'bash', `'${value}`], { environment: { VALUE: value } });
    await until('it runs', () => existsSync(join(room.workspace, 'is-up')));
    const commands = await sandboxedProcesses(room.folder);
    await rm(join(room.workspace, 'is-up'));
    expect((await running).stdout.text).toBe(`${value}'${value}`);
    expect(existsSync(join(room.workspace, 'no'))).toBe(false);
    expect(commands.length).toBeGreaterThan(2);
    // Of the program itself alone: what it is given it shows.
    expect(commands.filter((command) => command.includes(room.secret)).map((command) => command.slice(0, 7))).toEqual([
      'bash -c',
    ]);
  });

  it('runs the program of a name, and nothing that a shell has by that name', async () => {
    expect((await room.run(['echo', '--version'])).stdout.text).toMatch(/^echo \(/);
    for (const argv of [
      ['exit', '3'],
      ['eval', 'echo no'],
      ['fail', 'no'],
      ['-c', 'echo no'],
      ['exec', 'true'],
    ]) {
      expect(await room.run(argv)).toMatchObject({ exitCode: 127, stdout: { text: '' } });
      expect(await room.run(argv, { environment: { A: 'b' } })).toMatchObject({ exitCode: 127, stdout: { text: '' } });
    }
  });

  it('gives it its own variables and those of its caller, whatever a shell would make of them', async () => {
    const own = {
      HOME: '/tmp',
      LANG: 'C.UTF-8',
      LOGNAME: 'nyx',
      PATH: '/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin:/opt/nyx/bin',
      TMPDIR: '/tmp',
      USER: 'nyx',
    };
    const variablesOf = ({ stdout }: SandboxOutcome): unknown =>
      Object.fromEntries(
        stdout.text
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => line.split(/=(.*)/).slice(0, 2)),
      );
    expect(variablesOf(await room.run(['env']))).toEqual(own);
    const names = ['ENV', 'IFS', 'LINENO', 'OLDPWD', 'OPTIND', 'PPID', 'PS4', 'PWD', 'SHELLOPTS', 'SHLVL', 'UID', '_'];
    const environment = { ...Object.fromEntries(names.map((name) => [name, `no ${name}`])), HOME: '/workspace' };
    expect(variablesOf(await room.run(['env'], { environment }))).toEqual({ ...own, ...environment });
  });

  it('runs so many at once as may be, the others in turn, and refuses what is too much', async () => {
    const narrow = await SandboxRoom.open({ sandboxMaxRuns: 2 });
    const script = 'echo up >> log; sleep 0.2; echo down >> log';
    await Promise.all(Array.from({ length: 6 }, () => narrow.bash(script)));
    let running = 0;
    for (const line of (await readFile(join(narrow.workspace, 'log'), 'utf8')).trim().split('\n')) {
      running += line === 'up' ? 1 : -1;
      expect(running).toBeLessThanOrEqual(2);
    }
    const leaving = Array.from({ length: 202 }, () => new AbortController());
    const waiting = leaving.map(({ signal }) => narrow.bash('sleep 100', { signal }));
    await expect(narrow.bash('true')).rejects.toMatchObject({ code: 'OVERLOADED', options: { retryAfterSeconds: 5 } });
    for (const caller of leaving) caller.abort();
    for (const { ended } of await Promise.all(waiting)) expect(ended).toBe('aborted');
    expect((await narrow.bash('true')).exitCode).toBe(0);
    await narrow.close();
  });

  it('gives it a folder that nobody else has', async () => {
    const privateDirectory = await room.sandbox.makePrivateDirectory();
    await writeFile(join(privateDirectory, 'in'), 'given');
    const outcome = await room.bash('pwd; cat in; echo made > out', { privateDirectory });
    expect(outcome.stdout.text).toBe('/private\ngiven');
    expect(await readFile(join(privateDirectory, 'out'), 'utf8')).toBe('made\n');
    await chmod(privateDirectory, 0o700);
    await rm(privateDirectory, { recursive: true });
  });
});
