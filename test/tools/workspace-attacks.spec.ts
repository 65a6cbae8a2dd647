import { lstat, mkdir, readdir, readFile, rename, stat, symlink, unlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathAttacks, setTraps, unsendablePaths } from './workspace-attacks.js';
import { makeWorkspace, readText, refusalOf, SECRET, type WorkspaceFolder } from './workspace-folder.js';

let folder: WorkspaceFolder;
let before: Record<string, string>;
beforeEach(async () => {
  folder = await makeWorkspace();
  await setTraps(folder);
  before = await folder.outsideContents();
});
afterEach(async () => {
  expect(await folder.outsideReads()).toEqual([]);
  expect(await folder.outsideContents()).toEqual(before);
  expect(await copiesOfSecret(folder.inside('.'))).toEqual([]);
  await folder.remove();
});

const limits = { maxBytes: 1_000_000 };
const copyLimits = { maxBytes: 1_000_000, maxFiles: 100 };
const NAMES = [...pathAttacks({ outside: (path) => path }), ...unsendablePaths].map(({ what }) => what);

/** Files of the workspace that have what is outside, but for the hard link that was put there. */
async function copiesOfSecret(path: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(path, { withFileTypes: true })) {
    const inner = join(path, entry.name);
    if (entry.isDirectory()) found.push(...(await copiesOfSecret(inner)));
    const stats = await lstat(inner);
    if (!stats.isFile() || stats.nlink > 1 || stats.size > 1_000_000) continue;
    if ((await readFile(inner, 'utf8')).includes(SECRET)) found.push(inner);
  }
  return found;
}

/** Whether this file system notes when a file was read. */
async function notesReads(top: string): Promise<boolean> {
  const path = join(top, 'ws/real/file');
  await utimes(path, new Date(0), new Date());
  await readFile(path);
  return (await stat(path)).atimeMs !== 0;
}

const attack = (what: string): ReturnType<typeof pathAttacks>[number] => {
  const found = [...pathAttacks(folder), ...unsendablePaths].find((one) => one.what === what);
  if (!found) throw new Error(`There is no attack ${what}.`);
  return found;
};

it.each(NAMES)('%s leads nowhere', async (what) => {
  const { path, reading, writing } = attack(what);
  const { workspace } = folder;
  const walk = async (): Promise<void> => {
    for await (const entry of workspace.walk(path, { maxDepth: 3 })) throw new Error(`met ${entry.path}`);
  };
  expect(await refusalOf(workspace.openFile(path))).toBe(reading);
  expect(await refusalOf(workspace.copy(path, 'copy', copyLimits))).toMatch(/./);
  expect(await refusalOf(walk())).toMatch(/./);
  expect(await refusalOf(workspace.list(path, { limit: 10 }))).toMatch(/./);
  expect(await readdir(folder.inside('.'))).not.toContain('copy');

  const write = (): Promise<number> => workspace.writeFile(path, Buffer.from('mine'), limits);
  if (writing === undefined) {
    expect(await write()).toBe(4);
    expect(await readFile(folder.inside(path), 'utf8')).toBe('mine');
    await workspace.remove(path);
    await workspace.copy('real/file', path, copyLimits);
    await workspace.move(path, 'moved');
  } else {
    expect(await refusalOf(write())).toBe(writing);
    for (const how of ['copy', 'move'] as const) {
      expect(await refusalOf(workspace[how]('real/file', path, copyLimits))).toMatch(/./);
    }
    expect(await readFile(folder.inside('real/file'), 'utf8')).toBe('inside');
  }
  for (const how of ['makeDirectory', 'remove'] as const) {
    await workspace[how](path).catch((error: unknown) => expect(error).toHaveProperty('name', 'WorkspaceError'));
  }
});

it('would be noticed if it read what is outside', async () => {
  await readFile(folder.outside('secret.txt'));
  expect(await folder.outsideReads()).toEqual((await notesReads(folder.top)) ? ['secret.txt'] : []);
  before = await folder.outsideContents();
});

it('names neither errors of the system nor folders of the host', async () => {
  for (const { path } of [...pathAttacks(folder), ...unsendablePaths]) {
    const error: unknown = await folder.workspace.openFile(path).catch((reason: unknown) => reason);
    const { message } = error as Error;
    expect(message).not.toMatch(/\bE[A-Z]{3,}\b|\/proc|descriptor/);
    if (!path.startsWith('/')) expect(message).not.toContain(folder.top);
    expect(message.length).toBeLessThan(400);
  }
});

it('lists links as links, and does not follow them', async () => {
  const met: Record<string, string> = {};
  for await (const { path, type } of folder.workspace.walk('.', { maxDepth: 10 })) met[path] = type;
  expect(met).toEqual({
    dangling: 'symlink',
    device: 'other',
    environment: 'symlink',
    fifo: 'other',
    hard: 'file',
    loop: 'symlink',
    real: 'directory',
    'real/file': 'file',
    'real/to-top': 'symlink',
    sparse: 'file',
    'to-file': 'symlink',
    'to-folder': 'symlink',
    'to-inside': 'symlink',
    'to-root': 'symlink',
  });
});

it('moves links themselves to the trash, and copies them as links', async () => {
  await folder.workspace.remove('to-folder');
  await folder.workspace.copy('real', 'copy', copyLimits);
  expect((await lstat(folder.inside('copy/to-top'))).isSymbolicLink()).toBe(true);
  expect(await readdir(folder.outside('folder'))).toEqual(['secret.txt']);
});

it('writes over a hard link without changing the other name', async () => {
  await folder.workspace.writeFile('hard', Buffer.from('mine'), limits);
  expect(await readText(folder.workspace, 'hard')).toBe('mine');
});

it('does not copy a terabyte of nothing, nor what stands in a folder beside it', async () => {
  expect(await refusalOf(folder.workspace.copy('sparse', 'copy', copyLimits))).toBe('too_large');
  await mkdir(folder.inside('big'));
  await rename(folder.inside('sparse'), folder.inside('big/sparse'));
  expect(await refusalOf(folder.workspace.copy('big', 'copy', copyLimits))).toBe('too_large');
  expect(await readdir(folder.inside('.'))).not.toContain('copy');
});

it('a trash that is a link takes nothing outside, and is not swept', async () => {
  await symlink(folder.outside('folder'), folder.inside('.trash'));
  expect(await refusalOf(folder.workspace.remove('real'))).toBe('symbolic_link');
  await folder.workspace.sweepTrash(new Date(Date.now() + 1e10));
  await folder.workspace.remove('.trash').catch(() => undefined);
  expect((await stat(folder.inside('real'))).isDirectory()).toBe(true);
});

describe('what is swapped while it is used', () => {
  /** Moves the folder away and puts a link to the outside in its place. */
  const swap = async (name: string): Promise<void> => {
    await rename(folder.inside(name), folder.inside(`${name}-moved`));
    await symlink(folder.outside('folder'), folder.inside(name));
  };

  it('a write ends in the folder it began in', async () => {
    async function* swapping(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('first ');
      await swap('real');
      yield Buffer.from('second');
    }
    await folder.workspace.writeFile('real/new', swapping(), limits);
    expect(await readFile(folder.inside('real-moved/new'), 'utf8')).toBe('first second');
  });

  it('a walk stays in the folder it is in', async () => {
    const contents: string[] = [];
    for await (const entry of folder.workspace.walk('.', { maxDepth: 5 })) {
      if (entry.path === 'real') await swap('real');
      if (entry.path !== 'real/file') continue;
      const { handle } = await entry.open();
      contents.push(await handle.readFile('utf8'));
      await handle.close();
    }
    expect(contents).toEqual([]);
    for await (const entry of folder.workspace.walk('real-moved', { maxDepth: 5 })) {
      if (entry.path !== 'real-moved/file') continue;
      await swap('real-moved');
      const { handle } = await entry.open();
      contents.push(await handle.readFile('utf8'));
      await handle.close();
    }
    expect(contents).toEqual(['inside']);
  });

  it('an entry that was met is not opened after it became a link', async () => {
    const met = [];
    for await (const entry of folder.workspace.walk('real', { maxDepth: 5 })) met.push(entry);
    await unlink(folder.inside('real/file'));
    await symlink(folder.outside('secret.txt'), folder.inside('real/file'));
    for (const entry of met) expect(await refusalOf(entry.open())).toBe('symbolic_link');
    await swap('real');
    for (const entry of met) expect(await refusalOf(entry.open())).toBe('symbolic_link');
    await writeFile(folder.outside('folder/file'), SECRET);
    before = await folder.outsideContents();
    for (const entry of met) expect(await refusalOf(entry.open())).toBe('symbolic_link');
  });
});
