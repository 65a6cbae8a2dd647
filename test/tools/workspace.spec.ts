import { chmod, mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { makeWorkspace, readText, refusalOf, type WorkspaceFolder } from './workspace-folder.js';

let folder: WorkspaceFolder;
beforeEach(async () => {
  folder = await makeWorkspace();
});
afterEach(() => folder.remove());

const limits = { maxBytes: 1000 };
const copyLimits = { maxBytes: 1000, maxFiles: 10 };

async function pathsOf(path: string, maxDepth = 100): Promise<string[]> {
  const paths: string[] = [];
  for await (const entry of folder.workspace.walk(path, { maxDepth })) paths.push(entry.path);
  return paths;
}

describe('writing', () => {
  it('makes the file, its folders, and nothing else', async () => {
    expect(await folder.workspace.writeFile('a/b/c.txt', Buffer.from('text'), limits)).toBe(4);
    expect(await readFile(folder.inside('a/b/c.txt'), 'utf8')).toBe('text');
    expect(await readdir(folder.inside('a/b'))).toEqual(['c.txt']);
    expect((await stat(folder.inside('a/b/c.txt'))).mode & 0o777).toBe(0o644);
  });

  it('keeps the permissions of what it replaces', async () => {
    await writeFile(folder.inside('run.sh'), 'old');
    await chmod(folder.inside('run.sh'), 0o750);
    await folder.workspace.writeFile('run.sh', Buffer.from('new'), limits);
    expect((await stat(folder.inside('run.sh'))).mode & 0o777).toBe(0o750);
    expect(await readFile(folder.inside('run.sh'), 'utf8')).toBe('new');
  });

  it('counts a stream while it comes, and leaves nothing of one that is too large or breaks', async () => {
    async function* chunks(end?: Error): AsyncGenerator<Uint8Array> {
      for (let index = 0; index < 3; index += 1) yield await Promise.resolve(Buffer.alloc(400, 120));
      if (end) throw end;
    }
    await writeFile(folder.inside('old'), 'old');
    expect(await refusalOf(folder.workspace.writeFile('old', chunks(), limits))).toBe('too_large');
    expect(await refusalOf(folder.workspace.writeFile('a/b/new', chunks(), limits))).toBe('too_large');
    const gone = new Error('the client went away');
    await expect(folder.workspace.writeFile('a/new', chunks(gone), { maxBytes: 5000 })).rejects.toBe(gone);
    expect(await readdir(folder.inside('.'))).toEqual(['old']);
    expect(await readFile(folder.inside('old'), 'utf8')).toBe('old');
    expect(await folder.workspace.writeFile('old', chunks(), { maxBytes: 1200 })).toBe(1200);
  });

  it.each(['', '.', 'a/', 'folder/.', 'folder/x/..'])('takes no path of a folder: %j', async (path) => {
    await mkdir(folder.inside('folder'));
    expect(await refusalOf(folder.workspace.writeFile(path, Buffer.from('x'), limits))).toMatch(
      /is_directory|invalid_path/,
    );
    expect(await readdir(folder.inside('.'))).toEqual(['folder']);
  });

  it('says what is in the way', async () => {
    await mkdir(folder.inside('folder'));
    await writeFile(folder.inside('file'), '');
    expect(await refusalOf(folder.workspace.writeFile('folder', Buffer.from('x'), limits))).toBe('is_directory');
    expect(await refusalOf(folder.workspace.writeFile('file/x', Buffer.from('x'), limits))).toBe('not_directory');
    expect(await refusalOf(folder.workspace.makeDirectory('file'))).toBe('not_directory');
  });
});

describe('looking', () => {
  it('walks in the order of code points, a folder before what is in it, and not into the trash', async () => {
    for (const path of ['b/2', 'b/10', 'a.txt', 'b/c/d/e', '\u{1F600}', '\uFF5E', 'B']) {
      await folder.workspace.writeFile(path, Buffer.from('x'), limits);
    }
    await folder.workspace.remove('B');
    const top = ['.trash', 'a.txt', 'b', '\uFF5E', '\u{1F600}'];
    expect(await pathsOf('.', 1)).toEqual(top);
    expect(await pathsOf('b')).toEqual(['b/10', 'b/2', 'b/c', 'b/c/d', 'b/c/d/e']);
    expect((await pathsOf('.')).filter((path) => path.startsWith('.trash/'))).toEqual([]);
    expect(await pathsOf('.trash')).toHaveLength(2);
  });

  it('opens what was met, not what stands there by now', async () => {
    await folder.workspace.writeFile('a/file', Buffer.from('first'), limits);
    await folder.workspace.writeFile('b', Buffer.from('b'), limits);
    const met = [];
    for await (const entry of folder.workspace.walk('.', { maxDepth: 5 })) if (entry.type === 'file') met.push(entry);
    const late = await met[0]?.open();
    expect(await late?.handle.readFile('utf8')).toBe('first');
    await late?.handle.close();
    await folder.workspace.writeFile('a/file', Buffer.from('second'), limits);
    expect(await refusalOf(met[0]?.open() ?? Promise.resolve())).toBe('not_found');
  });

  it('ends when told to', async () => {
    for (let index = 0; index < 5; index += 1) await folder.workspace.writeFile(`${index}`, Buffer.from(''), limits);
    const stop = new AbortController();
    const seen: string[] = [];
    const walk = async (): Promise<void> => {
      for await (const { name } of folder.workspace.walk('.', { maxDepth: 1, signal: stop.signal })) {
        seen.push(name);
        stop.abort(new Error('enough'));
      }
    };
    await expect(walk()).rejects.toThrow('enough');
    expect(seen).toEqual(['0']);
  });

  it('lists in pages, whatever the names', async () => {
    const odd = Buffer.concat([Buffer.from(folder.inside('odd-')), Buffer.from([0xff])]);
    await writeFile(odd, 'x');
    for (const name of ['a', 'new\nline', '-rf', '%2e']) await writeFile(folder.inside(name), name);
    const names: string[] = [];
    let after: Buffer | undefined;
    do {
      const page = await folder.workspace.list('.', { limit: 2, after });
      names.push(...page.entries.map(({ name }) => name));
      after = page.next;
    } while (after);
    expect(names).toEqual(['%2e', '-rf', 'a', 'new\nline', 'odd-\uFFFD']);
  });
});

describe('copying and moving', () => {
  it('copies folders whole, and nothing over what is there', async () => {
    await folder.workspace.writeFile('a/b/file', Buffer.from('text'), limits);
    await folder.workspace.writeFile('a/other', Buffer.from('more'), limits);
    expect(await folder.workspace.copy('a', 'x/y', copyLimits)).toBe(2);
    expect(await readText(folder.workspace, 'x/y/b/file')).toBe('text');
    expect(await refusalOf(folder.workspace.copy('a', 'x', copyLimits))).toBe('exists');
    expect(await folder.workspace.copy('a/other', 'z', copyLimits)).toBe(1);
    expect(await refusalOf(folder.workspace.copy('a/other', 'z', copyLimits))).toBe('exists');
    expect(await pathsOf('x')).toEqual(['x/y', 'x/y/b', 'x/y/b/file', 'x/y/other']);
  });

  it('copies within its limits or nothing', async () => {
    await folder.workspace.writeFile('a/one', Buffer.alloc(600), limits);
    await folder.workspace.writeFile('a/two', Buffer.alloc(600), limits);
    expect(await refusalOf(folder.workspace.copy('a', 'new/b', copyLimits))).toBe('too_large');
    expect(await refusalOf(folder.workspace.copy('a', 'b', { maxBytes: 5000, maxFiles: 1 }))).toBe('too_large');
    expect(await readdir(folder.inside('.'))).toEqual(['a']);
  });

  it.each(['copy', 'move'] as const)('%s of a folder into itself is refused', async (how) => {
    await folder.workspace.makeDirectory('a/b');
    expect(await refusalOf(folder.workspace[how]('a', 'a/b/c', copyLimits))).toBe('not_permitted');
    expect(await refusalOf(folder.workspace[how]('.', 'c', copyLimits))).toBe('not_permitted');
    expect(await pathsOf('.')).toEqual(['a', 'a/b']);
  });

  it('moves, makes the folders for it, and replaces nothing', async () => {
    await folder.workspace.writeFile('a', Buffer.from('a'), limits);
    await folder.workspace.writeFile('b', Buffer.from('b'), limits);
    await folder.workspace.move('a', 'x/y/a');
    expect(await refusalOf(folder.workspace.move('b', 'x/y/a'))).toBe('exists');
    expect(await refusalOf(folder.workspace.move('none', 'p/q'))).toBe('not_found');
    expect(await pathsOf('.')).toEqual(['b', 'x', 'x/y', 'x/y/a']);
  });
});

describe('removing', () => {
  it('moves into the trash, from where it can be taken back', async () => {
    await folder.workspace.writeFile('a/file', Buffer.from('text'), limits);
    const place = await folder.workspace.remove('a');
    expect(place).toMatch(/^\.trash\/\d{8}T\d{6}Z-[0-9a-f-]{36}\/a$/);
    expect(await pathsOf('.')).toEqual(['.trash']);
    await folder.workspace.move(place, 'back');
    expect(await readText(folder.workspace, 'back/file')).toBe('text');
  });

  it('removes neither the workspace nor its trash, and puts nothing else there', async () => {
    await folder.workspace.writeFile('a', Buffer.from('text'), limits);
    const place = await folder.workspace.remove('a');
    for (const path of ['.', 'x/..', '.trash', place]) {
      expect(await refusalOf(folder.workspace.remove(path))).toBe('not_permitted');
    }
    for (const path of ['.trash', '.trash/x', 'y/../.trash/x']) {
      expect(await refusalOf(folder.workspace.writeFile(path, Buffer.from('x'), limits))).toBe('not_permitted');
      expect(await refusalOf(folder.workspace.makeDirectory(path))).toBe('not_permitted');
    }
    expect(await refusalOf(folder.workspace.move('.trash', 'x'))).toBe('not_permitted');
    expect(await readText(folder.workspace, place)).toBe('text');
  });

  it('sweeps what is old, and what crashes left, and nothing else', async () => {
    const past = (days: number): Date => new Date(Date.now() - days * 86_400_000);
    for (const name of ['old', 'young']) await folder.workspace.writeFile(name, Buffer.from(name), limits);
    const old = folder.inside(await folder.workspace.remove('old')).replace(/\/old$/, '');
    await folder.workspace.remove('young');
    await utimes(old, past(8), past(8));
    await folder.workspace.makeDirectory('a');
    const left = ['a/.nyx-019ab0c4-0000-7000-8000-000000000000.tmp', '.nyx-019ab0c4-0000-7000-8000-000000000001.tmp'];
    for (const path of left) await writeFile(folder.inside(path), 'half');
    await utimes(folder.inside(left[0] ?? ''), past(1), past(1));
    expect(await pathsOf('.', 1)).toEqual(['.trash', 'a']);
    await folder.workspace.sweepTemporaries(new Date());
    await folder.workspace.sweepTrash(new Date());
    expect(await readdir(folder.inside('a'))).toEqual([]);
    expect(await readdir(folder.inside('.'))).toContain(left[1]?.split('/').at(-1));
    expect((await pathsOf('.trash')).filter((path) => /\/(old|young)$/.test(path))).toHaveLength(1);
  });

  it('keeps 1,000 removals, of which the oldest go first, and can remove what is deep', async () => {
    const deep = 'd/'.repeat(500);
    for (let index = 0; index < 1003; index += 1) {
      const removal = folder.inside(`.trash/${index}`);
      await mkdir(index === 0 ? `${removal}/${deep}` : removal, { recursive: true });
      await utimes(removal, new Date(), new Date(Date.now() - 10_000 + index));
    }
    await folder.workspace.sweepTrash(new Date());
    const kept = await readdir(folder.inside('.trash'));
    expect(kept).toHaveLength(1000);
    expect(['0', '1', '2'].filter((name) => kept.includes(name))).toEqual([]);
  });
});
