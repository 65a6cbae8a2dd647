import { fork, type ChildProcess } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WorkspaceError } from '../../src/tools/workspace/workspace.js';
import { makeWorkspace, readText, SECRET, type WorkspaceFolder } from './workspace-folder.js';

const TRIES = 2000;
/** Of what takes longer. */
const LONG_TRIES = 500;
/** Until both outcomes were seen, which takes a few tries. */
const MOST_TRIES = 20_000;

/** Swaps as fast as it can: a folder and a link to a folder outside, a file and a link to a file outside. */
const SWAPPER = `
  import { renameSync, rmSync, symlinkSync } from 'node:fs';
  const [inside, outside] = process.argv.slice(2);
  symlinkSync(outside + '/folder', inside + '/link-folder');
  symlinkSync(outside + '/secret.txt', inside + '/link-file');
  const at = (name) => inside + '/' + name;
  // A write may have made something in between.
  const put = (from, to) => {
    for (let tries = 0; ; tries += 1) {
      try {
        if (tries > 0) rmSync(at(to), { recursive: true, force: true });
        return renameSync(at(from), at(to));
      } catch (error) {
        if (tries === 1000) throw error;
      }
    }
  };
  const swap = (real, link) => {
    put(real, real + '-away');
    put(link, real);
    put(real, link);
    put(real + '-away', real);
  };
  process.send('ready');
  for (;;) {
    for (let index = 0; index < 100; index += 1) {
      swap('folder', 'link-folder');
      swap('file', 'link-file');
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
`;

let folder: WorkspaceFolder;
let swapper: ChildProcess;
beforeAll(async () => {
  folder = await makeWorkspace();
  await mkdir(folder.inside('folder'));
  await writeFile(folder.inside('folder/secret.txt'), 'inside');
  await writeFile(folder.inside('file'), 'inside');
  const script = join(folder.top, 'swapper.mjs');
  await writeFile(script, SWAPPER);
  swapper = fork(script, [folder.inside('.'), folder.top]);
  await new Promise((resolve) => swapper.once('message', resolve));
});
afterAll(async () => {
  expect(swapper.exitCode).toBeNull();
  const exited = new Promise((resolve) => swapper.once('exit', resolve));
  swapper.kill('SIGKILL');
  await exited;
  await folder.remove();
});

/** Tries until it went well sometimes and was refused sometimes. @returns what it ended with */
async function tryAgain(tries: number, work: () => Promise<string>): Promise<Set<string>> {
  const outcomes = new Set<string>();
  for (let index = 0; index < tries || (outcomes.size < 2 && index < MOST_TRIES); index += 1) {
    try {
      outcomes.add(await work());
    } catch (error) {
      if (!(error instanceof WorkspaceError)) throw error;
      outcomes.add(error.code);
    }
  }
  return outcomes;
}

const EXPECTED = new Set(['inside', 'done', 'not_found', 'symbolic_link', 'not_directory']);

it.each([
  ['reading through a folder', TRIES, () => readText(folder.workspace, 'folder/secret.txt')],
  ['reading a file', TRIES, () => readText(folder.workspace, 'file')],
  [
    'walking',
    LONG_TRIES,
    async () => {
      for await (const entry of folder.workspace.walk('.', { maxDepth: 3 })) {
        if (entry.type !== 'file' || entry.name !== 'secret.txt') continue;
        const { handle } = await entry.open();
        try {
          return await handle.readFile('utf8');
        } finally {
          await handle.close();
        }
      }
      return 'done';
    },
  ],
] as const)('%s reads nothing that is outside', async (_what, tries, work) => {
  const before = await folder.outsideContents();
  const outcomes = await tryAgain(tries, work);
  expect([...outcomes].filter((outcome) => !EXPECTED.has(outcome))).toEqual([]);
  expect(outcomes).toContain('inside');
  expect(outcomes.size).toBeGreaterThan(1);
  expect(await folder.outsideReads()).toEqual([]);
  expect(await folder.outsideContents()).toEqual(before);
});

it('writing, making, moving and removing change nothing that is outside', async () => {
  const before = await folder.outsideContents();
  const { workspace } = folder;
  let turn = 0;
  const outcomes = await tryAgain(LONG_TRIES, async () => {
    turn += 1;
    const name = `folder/new-${turn % 10}`;
    if (turn % 4 === 0) await workspace.writeFile(name, Buffer.from(SECRET), { maxBytes: 1000 });
    else if (turn % 4 === 1) await workspace.makeDirectory(`folder/made-${turn}`);
    else if (turn % 4 === 2) await workspace.move('folder/secret.txt', `folder/moved`);
    else await workspace.move('folder/moved', 'folder/secret.txt');
    return 'done';
  });
  expect(outcomes).toContain('done');
  expect(outcomes.size).toBeGreaterThan(1);
  expect(await folder.outsideContents()).toEqual(before);
}, 120_000);
