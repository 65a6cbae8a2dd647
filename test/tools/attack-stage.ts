import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { access, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Workspaces } from '../../src/tools/workspace/workspaces.js';
import type { TestApp } from '../support/app.js';
import { sandboxedProcesses } from './sandbox-room.js';
import { setTraps } from './workspace-attacks.js';
import { SECRET, workspaceFolderIn, type WorkspaceFolder } from './workspace-folder.js';

const run = promisify(execFile);

/** What a program does that is run by an attack: says that it ran, then tries what it must not be able to. */
const PROGRAM = `#!/bin/bash
echo "$(id -u) $(hostname)" >> "/workspace/ran/$WAY"
cat "$SECRET_FILE" "/proc/1/root$SECRET_FILE" "/proc/self/root$SECRET_FILE" /etc/shadow /proc/*/environ </dev/null 2>&1 | tr -d '\\000' | head -c 4000
perl -MFcntl -e 'for (glob "/proc/1/fd/* /proc/self/fd/*") { sysopen(F, $_, O_RDONLY | O_NONBLOCK) and sysread(F, $text, 500) and print $text }' </dev/null
echo changed > "$SECRET_FILE"
for folder in "$OUTSIDE" /etc /usr/local/bin /tmp /dev/shm /var/tmp "$HOME_OUTSIDE"; do echo new > "$folder/$MARKER"; done
exec 3<>"/dev/tcp/127.0.0.1/$PORT" && echo connected
(exec 3<>"/dev/udp/127.0.0.1/$PORT"; echo x >&3)
perl -MSocket -e 'for (@ARGV) { s/^@/\\0/; socket(S, PF_UNIX, SOCK_STREAM, 0) and connect(S, pack_sockaddr_un($_)) and print "connected\\n" }' "$SOCKET" "@$MARKER"
setsid bash -c 'trap "" TERM HUP; exec -a "$MARKER" sleep 1000' </dev/null >/dev/null 2>&1 3>&- &
true
`;
const PROGRAMS = ['P', 'hooks/pre-commit', 'bin/git', 'bin/bwrap', 'bin/sh', 'bin/env', 'bin/prlimit'];

/** The machine that attacks are about: a workspace full of traps, what must not be reached around it, and eyes on all of that. */
export class AttackStage {
  /** In the environment of this process, and nowhere else. */
  readonly canary = `canary-${randomBytes(12).toString('hex')}`;
  /** In the command line of each process that an attack leaves, and in the name of each file. */
  readonly marker = `nyx-attack-${randomBytes(8).toString('hex')}`;
  private readonly arrivals: string[] = [];
  private before: Record<string, string> = {};

  private constructor(
    readonly folder: WorkspaceFolder,
    private readonly sockets: { readonly streams: readonly Server[]; readonly datagrams: UdpSocket },
    /** Of the trap on 127.0.0.1, by TCP and by UDP. */
    readonly port: number,
  ) {}

  /** A new folder, whose `ws` is to be the workspace of an application that is started next. */
  static newTop(): Promise<string> {
    return mkdtemp(join(tmpdir(), 'nyx-attacks-'));
  }

  static async open(nyx: TestApp, top: string): Promise<AttackStage> {
    const folder = await workspaceFolderIn(top, nyx.app.get(Workspaces).of('anyone'));
    const [tcp, unix, abstract] = [createServer(), createServer(), createServer()];
    const datagrams = createSocket('udp4');
    const port = await listen(tcp, { host: '127.0.0.1', port: 0 });
    const stage = new AttackStage(folder, { streams: [tcp, unix, abstract], datagrams }, port);
    await new Promise<void>((resolve) => datagrams.bind(port, '127.0.0.1', resolve));
    await listen(unix, { path: stage.socketPath });
    await listen(abstract, { path: process.platform === 'linux' ? `\0${stage.marker}` : `${stage.socketPath}2` });
    for (const server of [tcp, unix, abstract]) {
      server.on('connection', (socket) => {
        stage.arrivals.push(JSON.stringify(server.address()));
        socket.destroy();
      });
    }
    datagrams.on('message', () => stage.arrivals.push('a datagram'));
    process.env.NYX_TEST_CANARY = stage.canary;
    await stage.furnish();
    return stage;
  }

  /** A socket in the file system, outside. */
  get socketPath(): string {
    return this.folder.outside('service.sock');
  }

  /** What P wants to know. */
  get environment(): Record<string, string> {
    return {
      OUTSIDE: this.folder.top,
      SECRET_FILE: this.folder.outside('secret.txt'),
      HOME_OUTSIDE: homedir(),
      MARKER: this.marker,
      PORT: String(this.port),
      SOCKET: this.socketPath,
      GIT_AUTHOR_NAME: 'x',
      GIT_AUTHOR_EMAIL: 'x@example.com',
      GIT_COMMITTER_NAME: 'x',
      GIT_COMMITTER_EMAIL: 'x@example.com',
    };
  }

  /**
   * Puts the workspace back as attacks find it. Without the hard link of the traps: whoever puts a file of the machine into the workspace
   * shows it to programs, which is another matter.
   */
  async furnish(): Promise<void> {
    const { inside } = this.folder;
    for (const name of await readdir(inside('.'))) await rm(inside(name), { recursive: true });
    await setTraps(this.folder);
    await rm(inside('hard'));
    for (const name of ['ran', 'hooks', 'bin']) await mkdir(inside(name));
    for (const name of PROGRAMS) await writeFile(inside(name), PROGRAM, { mode: 0o755 });
    await writeFile(inside('evil.cjs'), `try { require('child_process').execFileSync('/workspace/P') } catch {}`);
    await writeFile(inside('evil.tar'), await archiveOut());
    await writeFile(inside('many-a'), `${'a'.repeat(50_000)}!`);
    await this.remember();
  }

  /** What was run of the programs that lie about, by the names that attacks gave themselves. */
  async ran(): Promise<readonly string[]> {
    return (await readdir(this.folder.inside('ran'))).sort();
  }

  /** Holds after any attack: nothing outside was read, changed or called, nothing runs, and nobody was told what is secret. */
  async expectUnharmed(...told: readonly string[]): Promise<void> {
    expect(await this.harm(told)).toEqual([]);
  }

  /** What can be seen of an attack that got somewhere. */
  async harm(told: readonly string[] = []): Promise<string[]> {
    const contents = await this.outside();
    const changed = [...new Set([...Object.keys(contents), ...Object.keys(this.before)])].filter(
      (path) => contents[path] !== this.before[path],
    );
    const left = ['/etc', '/usr/local/bin', '/tmp', '/dev/shm', '/var/tmp', homedir()].map((each) =>
      join(each, this.marker),
    );
    const isThere = await Promise.all(
      left.map((path) =>
        access(path).then(
          () => true,
          () => false,
        ),
      ),
    );
    return [
      ...(await this.processes()).map((command) => `It runs: ${command.slice(0, 200)}`),
      ...changed.map((path) => `It changed: ${path}`),
      ...this.lastReads.map((path) => `It read: ${path}`),
      ...left.filter((_, index) => isThere[index]).map((path) => `It made: ${path}`),
      ...this.arrivals.map((where) => `It reached: ${where}`),
      ...told.filter((text) => this.isSecretIn(text)).map((text) => `It told: ${text.slice(0, 300)}`),
    ];
  }

  private lastReads: readonly string[] = [];

  isSecretIn(text: string): boolean {
    return text.includes(SECRET) || text.includes(this.canary);
  }

  /** Those that were started by attacks, by their command lines. */
  async processes(): Promise<string[]> {
    // Elsewhere there is no sandbox, and nothing was run.
    if (process.platform !== 'linux') return [];
    const found = new Set(await sandboxedProcesses(this.folder.top));
    for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      if (Number(pid) !== process.pid && command.includes(this.marker)) found.add(command.replaceAll('\0', ' '));
    }
    return [...found];
  }

  async close(): Promise<void> {
    delete process.env.NYX_TEST_CANARY;
    await Promise.all(this.sockets.streams.map((server) => new Promise((resolve) => server.close(resolve))));
    await new Promise<void>((resolve) => this.sockets.datagrams.close(() => resolve()));
    await this.folder.remove();
  }

  private async remember(): Promise<void> {
    this.before = await this.outside();
  }

  /** Looks who read before it reads itself. */
  private async outside(): Promise<Record<string, string>> {
    this.lastReads = Object.keys(this.before).length === 0 ? [] : await this.folder.outsideReads();
    return await this.folder.outsideContents(['service.sock', 'service.sock2']);
  }
}

async function listen(server: Server, where: { host?: string; port?: number; path?: string }): Promise<number> {
  await new Promise<void>((resolve) => server.listen(where, resolve));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** An archive with a member that would land beside the folder it is unpacked in. */
async function archiveOut(): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'nyx-archive-'));
  try {
    await writeFile(join(folder, 'secret.txt'), 'unpacked');
    await mkdir(join(folder, 'in'));
    const { stdout } = await run('tar', ['-cPf', '-', '../secret.txt'], {
      cwd: join(folder, 'in'),
      encoding: 'buffer',
    });
    return stdout;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
