import { execFile } from 'node:child_process';
import { link, open, symlink, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { FileParameters } from '../../src/tools/builtin/file-operations/parameters.js';
import { FileRoom, type Output, pathsOf } from './file-room.js';
import { SECRET } from './workspace-folder.js';

const linesOf = ({ matches }: Output): string[] =>
  (matches as { path: string; line: number }[]).map(({ path, line }) => `${path}:${line}`);

const room = new FileRoom();
const { output, put, result } = room;

describe('list_directory', () => {
  it('lists a folder, and on request what is in its folders', async () => {
    await put({ 'a.txt': '12', 'b/c.txt': '', 'b/d/e.txt': '' });
    const flat = await output({ operation: 'list_directory' });
    expect(pathsOf(flat)).toEqual(['a.txt', 'b']);
    expect(flat).toMatchObject({ entries: [{ type: 'file', size_bytes: 2 }, { type: 'directory' }], truncated: false });
    expect(pathsOf(await output({ operation: 'list_directory', recursive: true }))).toEqual([
      'a.txt',
      'b',
      'b/c.txt',
      'b/d',
      'b/d/e.txt',
    ]);
    expect(pathsOf(await output({ operation: 'list_directory', path: 'b', recursive: true, max_depth: 1 }))).toEqual([
      'b/c.txt',
      'b/d',
    ]);
  });

  it('lists at most 1,000 entries, and says that there are more', async () => {
    await put(Object.fromEntries(Array.from({ length: 1001 }, (_, index) => [`f${index}`, ''])));
    const listing = await output({ operation: 'list_directory' });
    expect(pathsOf(listing)).toHaveLength(1000);
    expect(listing).toMatchObject({ truncated: true, hint: expect.stringContaining('1000') as string });
  });

  it('goes no deeper than ten folders, and shows links without following them', async () => {
    await put({ [`${'d/'.repeat(12)}deep.txt`]: '' });
    await symlink(room.folder.outside('folder'), room.folder.inside('link'));
    const paths = pathsOf(await output({ operation: 'list_directory', recursive: true }));
    expect(paths).toContain(Array(10).fill('d').join('/'));
    expect(paths).not.toContain(Array(11).fill('d').join('/'));
    expect(paths).toContain('link');
    expect(paths).not.toContain('link/secret.txt');
  });

  it('does not show the trash', async () => {
    await put({ 'gone.txt': '' });
    await output({ operation: 'delete_file', path: 'gone.txt' });
    expect(pathsOf(await output({ operation: 'list_directory', recursive: true }))).toEqual([]);
  });
});

describe('search_files', () => {
  it('finds by glob what no .gitignore leaves out', async () => {
    await put({
      'src/a.ts': '',
      'src/deep/b.ts': '',
      'dist/c.ts': '',
      '.gitignore': 'dist\n',
      '.github/x.ts': '',
      'src/.gitignore': 'deep/*.ts\n!deep/b.ts\n',
      'src/deep/z.ts': '',
      '.git/hooks/y.ts': '',
    });
    const search = (more: Partial<FileParameters>) =>
      output({ operation: 'search_files', pattern: '*.ts', ...more }).then(pathsOf);
    expect(await search({})).toEqual(['.github/x.ts', 'src/a.ts', 'src/deep/b.ts']);
    expect(await search({ path: 'src/deep' })).toEqual(['src/deep/b.ts']);
    expect(await search({ path: 'src', recursive: false })).toEqual(['src/a.ts']);
    expect(await search({ path: 'src', pattern: 'deep/**' })).toEqual(['src/deep/b.ts']);
    expect(await search({ include_ignored: true })).toHaveLength(6);
    expect(await search({ pattern: 'd*/', include_ignored: true })).toEqual(['dist', 'src/deep']);
  });

  it('finds names that mean something elsewhere', async () => {
    await put({ '-rf': '', 'new\nline': '', "a'b$(x)": '' });
    expect(pathsOf(await output({ operation: 'search_files', pattern: '*' })).sort()).toEqual([
      '-rf',
      "a'b$(x)",
      'new\nline',
    ]);
  });

  it('is not led astray by a .gitignore that is a link or a folder', async () => {
    await writeFile(room.folder.outside('rules'), 'a.ts\n');
    await symlink(room.folder.outside('rules'), room.folder.inside('.gitignore'));
    await put({ 'a.ts': '', 'b/.gitignore/x': '', 'b/a.ts': '' });
    expect(pathsOf(await output({ operation: 'search_files', pattern: '*.ts' }))).toEqual(['a.ts', 'b/a.ts']);
  });
});

describe('find_pattern', () => {
  it('tells where, with lines around', async () => {
    await put({ 'a.ts': 'one\ntwo foo\r\nthree\n', 'b/c.md': 'foo', bin: Buffer.from('foo\0foo') });
    const found = await output({ operation: 'find_pattern', pattern: 'fo+', context_lines: 1 });
    expect(found.matches).toEqual([
      { path: 'a.ts', line: 2, column: 5, text: 'two foo', before: ['one'], after: ['three'] },
      { path: 'b/c.md', line: 1, column: 1, text: 'foo', before: [], after: [] },
    ]);
    expect(await result({ operation: 'find_pattern', pattern: 'x' })).toMatchObject({
      success: true,
      output: { matches: [], truncated: false },
      metadata: { searched_files: 2, binary_files: 1 },
    });
  });

  it('keeps to globs, letters, folders and one file', async () => {
    await put({ 'a.ts': 'Foo', 'b/c.md': 'foo', '.gitignore': 'ignored', ignored: 'foo' });
    const find = (more: Partial<FileParameters>) =>
      output({ operation: 'find_pattern', pattern: 'foo', ...more }).then(linesOf);
    expect(await find({})).toEqual(['b/c.md:1']);
    expect(await find({ case_sensitive: false })).toEqual(['a.ts:1', 'b/c.md:1']);
    expect(await find({ case_sensitive: false, include: '*.ts' })).toEqual(['a.ts:1']);
    expect(await find({ path: 'b/c.md', include: '*.md' })).toEqual(['b/c.md:1']);
    expect(await find({ include_ignored: true })).toEqual(['b/c.md:1', 'ignored:1']);
    expect(await find({ recursive: false })).toEqual([]);
  });

  it('tells at most 1,000 matches, in order, and the part of a long line that matches', async () => {
    await put({
      'a.txt': 'foo\n'.repeat(900),
      'b.txt': 'foo\n'.repeat(900),
      'c.txt': `${'x'.repeat(20_000)}needle${'y'.repeat(20_000)}`,
    });
    const found = await output({ operation: 'find_pattern', pattern: 'foo' });
    expect(found.truncated).toBe(true);
    expect(linesOf(found)).toHaveLength(1000);
    expect(linesOf(found).at(-1)).toBe('b.txt:100');
    expect(linesOf(await output({ operation: 'find_pattern', pattern: 'foo', max_lines: 2 }))).toEqual([
      'a.txt:1',
      'a.txt:2',
    ]);
    const { matches } = await output({ operation: 'find_pattern', pattern: 'needle' });
    const [{ column, text }] = matches as [{ column: number; text: string }];
    expect(column).toBe(20_001);
    expect(text).toContain('needle');
    expect(text.length).toBeLessThan(600);
  });

  it('finds across the chunks of a file, and in other encodings', async () => {
    await put({
      'big.txt': `${'é'.repeat(40_000)}\n`.repeat(3) + 'needle\n',
      'wide.txt': Buffer.from('\uFEFFneedle', 'utf16le'),
    });
    expect(linesOf(await output({ operation: 'find_pattern', pattern: '^needle$' }))).toEqual([
      'big.txt:4',
      'wide.txt:1',
    ]);
  });

  it('lets others work meanwhile, and ends when it is aborted', async () => {
    await put({ 'a.txt': `${'ab'.repeat(500)}\n`.repeat(20_000) });
    const stop = new AbortController();
    let turns = 0;
    const clock = setInterval(() => {
      turns += 1;
      if (turns === 3) stop.abort(new Error('enough'));
    }, 1);
    const search = result({ operation: 'find_pattern', pattern: '(?:a|b)*c(?:a|b){200}(d|e)\\b' }, stop.signal);
    await expect(search).rejects.toThrow('enough');
    clearInterval(clock);
    expect(turns).toBeGreaterThanOrEqual(3);
  });

  it('passes by what is no regular file of the workspace alone', async () => {
    await put({ 'a.txt': 'text' });
    await link(room.folder.outside('secret.txt'), room.folder.inside('hard.txt'));
    await symlink(room.folder.outside('secret.txt'), room.folder.inside('soft.txt'));
    await promisify(execFile)('mkfifo', [room.folder.inside('pipe')]);
    const file = await open(room.folder.inside('sparse'), 'w');
    await file.truncate(1024 ** 4);
    await file.close();
    expect(await result({ operation: 'find_pattern', pattern: SECRET })).toMatchObject({
      output: { matches: [] },
      metadata: { searched_files: 1, unread_files: 2 },
    });
  });
});

describe('analyze_codebase', () => {
  it('tells languages, sizes, the largest files and the manifests', async () => {
    await put({
      'src/a.ts': 'one\ntwo\n',
      'src/b.py': 'x = 1',
      'logo.png': Buffer.from('\x89PNG\r\n\x1a\n\0', 'latin1'),
      'package.json': '{"dependencies":{"left":"^1"}}',
      'broken/package.json': '{',
      'node_modules/x/index.js': 'no',
      '.gitignore': 'node_modules/\n',
    });
    expect(await output({ operation: 'analyze_codebase' })).toMatchObject({
      files: 6,
      total_lines: 6,
      binary: { files: 1, bytes: 9 },
      unread_files: 0,
      languages: [
        { language: 'JSON', files: 2, lines: 2, bytes: 31 },
        { language: 'Other', files: 1 },
        { language: 'TypeScript', files: 1, lines: 2, bytes: 8 },
        { language: 'Python', files: 1, lines: 1, bytes: 5 },
      ],
      manifests: [
        { path: 'broken/package.json', unreadable: true },
        {
          path: 'package.json',
          ecosystem: 'npm',
          dependency_count: 1,
          dependencies: [{ name: 'left', version: '^1', kind: 'runtime' }],
        },
      ],
      truncated: false,
    });
  });

  it('does not grow its answer with what it finds', async () => {
    const dependencies = Object.fromEntries(
      Array.from({ length: 300 }, (_, index) => [`d${index}${'x'.repeat(150)}`, '1']),
    );
    const files = Array.from({ length: 40 }, (_, index) => [
      `p${index}/package.json`,
      JSON.stringify({ dependencies }),
    ]);
    await put(Object.fromEntries(files) as Record<string, string>);
    const { manifest_count: count } = await output({ operation: 'analyze_codebase' });
    expect(count).toBe(40);
  });
});

it('get_file_stats tells what something is', async () => {
  await put({ 'a.ts': 'x', 'b/c': '', 'b/d': '' });
  expect(await output({ operation: 'get_file_stats', path: 'a.ts' })).toMatchObject({
    path: 'a.ts',
    name: 'a.ts',
    type: 'file',
    size_bytes: 1,
    is_binary: false,
    encoding: 'utf-8',
    language: 'TypeScript',
  });
  expect(await output({ operation: 'get_file_stats', path: 'b' })).toMatchObject({ type: 'directory', entries: 2 });
});
