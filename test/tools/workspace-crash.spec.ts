import { type ChildProcess, fork } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { makeWorkspace, type WorkspaceFolder } from './workspace-folder.js';

const KILLS = 15;
const SIZE = 8 * 1024 * 1024;

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Writes a file over and over, of one letter each time, and says when it begins. */
const WRITER = `
  import { register } from 'node:module';
  register(${JSON.stringify(pathToFileURL(at('../support/typescript-loader.mjs')).href)});
  const { Workspace } = await import(${JSON.stringify(pathToFileURL(at('../../src/tools/workspace/workspace.ts')).href)});
  const workspace = await Workspace.open(process.argv[2]);
  async function* content(letter) {
    for (let written = 0; written < ${SIZE}; written += 65536) yield Buffer.alloc(65536, letter);
  }
  for (let turn = 0; ; turn += 1) {
    process.send('begins');
    await workspace.writeFile('folder/file', content('AB'[turn % 2]), { maxBytes: ${SIZE} });
  }
`;

let folder: WorkspaceFolder;
beforeAll(async () => {
  folder = await makeWorkspace();
  await writeFile(join(folder.top, 'writer.mjs'), WRITER);
});
afterAll(() => folder.remove());

/** Kills a writer somewhere in the middle of its second write or later. */
async function killInTheMiddle(delayMs: number): Promise<void> {
  const writer: ChildProcess = fork(join(folder.top, 'writer.mjs'), [folder.inside('.')], { stdio: 'inherit' });
  const exited = new Promise((resolve) => writer.once('exit', resolve));
  let begun = 0;
  await new Promise<void>((resolve, reject) => {
    writer.on('message', () => {
      begun += 1;
      if (begun === 2) setTimeout(resolve, delayMs);
    });
    writer.once('exit', () => reject(new Error('The writer ended by itself.')));
  });
  writer.kill('SIGKILL');
  await exited;
}

it('a write that is killed leaves the old content or the new, and what is left over is swept', async () => {
  let leftovers = 0;
  for (let turn = 0; turn < KILLS; turn += 1) {
    await killInTheMiddle(turn * 3);
    const content = await readFile(folder.inside('folder/file'));
    expect(content.length).toBe(SIZE);
    const letter = content[0] ?? 0;
    expect(['A', 'B']).toContain(String.fromCharCode(letter));
    expect(content.equals(Buffer.alloc(SIZE, letter))).toBe(true);
    leftovers = (await readdir(folder.inside('folder'))).length - 1;
  }
  expect(leftovers).toBeGreaterThan(0);
  const listed: string[] = [];
  for await (const { path } of folder.workspace.walk('.', { maxDepth: 3 })) listed.push(path);
  expect(listed).toEqual(['folder', 'folder/file']);
  await folder.workspace.sweepTemporaries(new Date(Date.now() + 2 * 3_600_000));
  expect(await readdir(folder.inside('folder'))).toEqual(['file']);
}, 300_000);
