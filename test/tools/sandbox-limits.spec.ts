import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SandboxOutcome } from '../../src/tools/sandbox/sandbox.types.js';
import { until } from '../support/until.js';
import { RESOURCE_ATTACKS } from './resource-attacks.js';
import { describeWithSandbox, sandboxedCommands, sandboxedProcesses, SandboxRoom } from './sandbox-room.js';

const LOADER = `data:text/javascript,import{register}from"node:module";register("${new URL('../support/typescript-loader.mjs', import.meta.url).href}")`;
const CHILD = new URL('sandbox-child.ts', import.meta.url).pathname;
const ORDINARY_USER = 65_534;

function startChild(mode: string, env: NodeJS.ProcessEnv = {}): { child: ChildProcess; said: Map<string, unknown> } {
  const child = spawn(process.execPath, ['--import', LOADER, CHILD, mode], {
    env: { PATH: process.env.PATH, TMPDIR: tmpdir(), ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said = new Map<string, unknown>();
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    for (const [, word = '', value = ''] of text.matchAll(/^(.*?) (["{].*)\n/gm)) said.set(word, JSON.parse(value));
  });
  return { child, said };
}

describeWithSandbox('the limits of the sandbox', () => {
  let room: SandboxRoom;
  beforeAll(async () => {
    room = await SandboxRoom.open();
  });
  afterAll(async () => {
    await room.close();
  });

  it.each(Object.entries(RESOURCE_ATTACKS))(
    'hold against %s',
    async (_name, { script, options, expected }) => {
      const outcome = await room.bash(script, options);
      expect(outcome).toMatchObject(expected);
      await room.expectUnharmed();
      for (const file of await readdir(room.workspace)) {
        expect((await stat(join(room.workspace, file))).size).toBeLessThanOrEqual(1024 ** 2);
      }
    },
    300_000,
  );

  const isRoot = process.geteuid?.() === 0;
  (isRoot ? it : it.skip)('hold on every disk that it can write to', async () => {
    const privateDirectory = await mkdtemp(join(tmpdir(), 'nyx-test-disk-'));
    execFileSync('/bin/mount', ['-t', 'tmpfs', '-o', 'size=40m', 'none', privateDirectory]);
    try {
      const outcome = await room.bash('cat /dev/zero > /private/full; sleep 15', { privateDirectory });
      expect(outcome).toMatchObject({ ended: 'limit', limit: 'file_size' });
    } finally {
      execFileSync('/bin/umount', [privateDirectory]);
      await rm(privateDirectory, { recursive: true });
    }
  });

  (isRoot ? it : it.skip)('are those of one control group, in which everything is', async () => {
    // Nothing is forked that could be gone when it is looked at.
    const running = room.bash(': >up; while [ -e up ]; do :; done');
    await until('it runs', async () => (await readdir(room.workspace)).includes('up'));
    const pids = [...(await sandboxedCommands(room.folder)).keys()];
    const read = (file: string): Promise<string[]> =>
      Promise.all(pids.map((pid) => readFile(`/proc/${pid}/${file}`, 'utf8')));
    const [groups, scores] = [await read('cgroup'), await read('oom_score_adj')];
    await rm(join(room.workspace, 'up'));
    expect((await running).exitCode).toBe(0);
    // bubblewrap, the first process and the program.
    expect(pids).toHaveLength(3);
    const names = groups.map((lines) => /(?:memory|0:):.*\/(nyx-sandbox-.*)$/m.exec(lines)?.[1]);
    expect(names).toEqual(Array(3).fill(names[0]));
    expect(names[0]).toContain(`nyx-sandbox-${process.pid}-`);
    expect(scores).toEqual(Array(3).fill('1000\n'));
  });

  it('keep of a flood what may be kept, and count the rest', async () => {
    const { stdout } = await room.bash('head -c 900000 /dev/zero | tr "\\000" a', { outputBytes: 100_000 });
    expect(stdout).toMatchObject({ totalBytes: 900_000, isTruncated: true });
    expect(stdout.text).toBe('a'.repeat(100_000));
  });

  it('are those of each program, also of one with its caller’s own loader', async () => {
    const outcome = await room.bash('ulimit -u; ulimit -f; ulimit -c', {
      processes: 77,
      environment: {
        LD_PRELOAD: '/workspace/none.so',
        BASH_ENV: '/workspace/none',
        ENV: '/workspace/none',
        PATH: '/bin',
      },
    });
    expect(outcome.stdout.text).toBe('78\n262144\n0\n');
  });
});

describeWithSandbox('a sandbox', () => {
  const isRoot = process.geteuid?.() === 0;
  (isRoot ? it : it.skip)(
    'holds as well for an ordinary user, who has no control groups',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'nyx-test-user-'));
      const attacks = Object.keys(RESOURCE_ATTACKS).filter((name) => /fork|memory|processors/.test(name));
      const { child, said } = startChild(String(ORDINARY_USER), {
        TMPDIR: folder,
        NYX_TEST_FOLDER_OF_USER: folder,
        NYX_TEST_ATTACKS: attacks.join(','),
      });
      expect(await once(child, 'close')).toEqual([0, null]);
      expect(said.get('available')).toEqual({ available: true });
      expect((said.get('whoami') as SandboxOutcome).stdout.text).toBe('1000\n4\n257\n');
      for (const name of attacks) expect(said.get(name)).toMatchObject(RESOURCE_ATTACKS[name]?.expected ?? {});
      expect(said.get('left')).toEqual({ is: false });
      expect(await sandboxedProcesses(folder, child.pid)).toEqual([]);
      expect((await readdir(folder)).filter((name) => name.startsWith('nyx-'))).toEqual([]);
      await rm(folder, { recursive: true });
    },
    300_000,
  );

  it('dies with the NYX that is killed, and the next start removes what is left of it', async () => {
    // A folder of its own: every start removes what is left, also one of a spec beside this one.
    const TMPDIR = await mkdtemp(join(tmpdir(), 'nyx-test-killed-'));
    const first = await startHolding(TMPDIR);
    expect((await sandboxedProcesses(first.folder, first.child.pid)).length).toBeGreaterThan(3);
    await killHolding(first);
    const isLeft = (name: string): boolean => name.startsWith(`nyx-sandbox-${first.child.pid ?? 0}-`);
    expect((await readdir(TMPDIR)).some(isLeft)).toBe(true);

    const next = await startHolding(TMPDIR);
    expect((await readdir(TMPDIR)).some(isLeft)).toBe(false);
    await killHolding(next);
    await rm(TMPDIR, { recursive: true });
  }, 300_000);
});

interface Holding {
  readonly child: ChildProcess;
  readonly folder: string;
}

/** A process that has a program running in a sandbox. */
async function startHolding(TMPDIR: string): Promise<Holding> {
  const { child, said } = startChild('hold', { TMPDIR });
  const isUp = async (): Promise<boolean> => {
    const folder = said.get('room');
    return typeof folder === 'string' && (await readdir(join(folder, 'workspace'))).includes('up');
  };
  await until('the program runs', isUp, 120_000);
  return { child, folder: String(said.get('room')) };
}

async function killHolding({ child, folder }: Holding): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
  const isGone = async (): Promise<boolean> => (await sandboxedProcesses(folder, child.pid)).length === 0;
  await until('nothing of it runs', isGone, 120_000);
}
