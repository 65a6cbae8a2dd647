import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SandboxedProgram } from '../../src/tools/sandbox/program.js';

describe('what becomes bubblewrap', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nyx-test-program-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  /** A shell in its place, which like it waits for its last arguments. */
  const start = (beforeSandbox: (pid: number) => void): SandboxedProgram => {
    const descriptor = openSync(folder, 'r');
    try {
      return new SandboxedProgram({
        argv: ['/bin/sh', '-c', 'cat <&7 >$0/last; cat <&6 >$0/script; cat /proc/$$/oom_score_adj >$0/score', folder],
        searchPath: process.env.PATH ?? '',
        streams: ['ignore', 'ignore', 'ignore'],
        workspaceFd: descriptor,
        filterFd: descriptor,
        privateFd: undefined,
        covered: [],
        startScript: 'set -- true\n',
        beforeSandbox,
        onInit: () => undefined,
      });
    } finally {
      closeSync(descriptor);
    }
  };
  const written = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');

  it('goes on when it is where it belongs, and is offered to the kernel before this process', async () => {
    const taken: number[] = [];
    expect(await start((pid) => taken.push(pid)).ended).toBeUndefined();
    expect(taken).toHaveLength(1);
    expect(await written('last')).toBe('--chdir\0/\0');
    expect(await written('script')).toBe('set -- true\n');
    expect(await written('score')).toBe('1000\n');
  });

  it('does not go on when it cannot be put there', async () => {
    const program = start(() => {
      throw new Error('There is no such group.');
    });
    await expect(program.ended).rejects.toThrow('There is no such group.');
    await expect(stat(join(folder, 'script'))).rejects.toThrow('ENOENT');
  });
});
