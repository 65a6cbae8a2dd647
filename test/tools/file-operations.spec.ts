import fc from 'fast-check';
import { readFile, symlink } from 'node:fs/promises';
import { FILE_OPERATIONS } from '../../src/tools/builtin/file-operations/parameters.js';
import { WorkspaceError } from '../../src/tools/workspace/workspace.js';
import { FileRoom, isValid, pathsOf, tool } from './file-room.js';
import { refusalOf, SECRET } from './workspace-folder.js';

const room = new FileRoom();
const { output, put, result } = room;

describe('what it says of itself', () => {
  it('names every operation, its risk and whether it may be repeated', () => {
    const writes = ['write_file', 'create_directory', 'copy_file', 'move_file', 'delete_file'];
    const onceOnly = ['copy_file', 'move_file', 'delete_file'];
    for (const operation of FILE_OPERATIONS) {
      expect(tool.riskOf({ operation })).toBe(writes.includes(operation) ? 'write' : 'read');
      expect(tool.isRepeatable({ operation })).toBe(!onceOnly.includes(operation));
    }
  });

  it('describes every parameter', () => {
    for (const schema of Object.values(tool.parametersSchema.properties))
      expect(schema.description).toEqual(expect.any(String));
  });

  it('asks for what an operation needs', () => {
    expect(tool.check({ operation: 'write_file', path: 'a' })).toEqual([
      { field: 'content', message: 'content is needed by write_file.' },
    ]);
    expect(tool.check({ operation: 'move_file' }).map(({ field }) => field)).toEqual(['path', 'destination']);
    expect(tool.check({ operation: 'find_pattern', pattern: '(', include: '!(a)' }).map(({ field }) => field)).toEqual([
      'pattern',
      'include',
    ]);
  });
});

describe('write_file', () => {
  it('replaces a file and makes its folders', async () => {
    await output({ operation: 'write_file', path: 'new/deep/a.txt', content: 'one' });
    expect(await output({ operation: 'write_file', path: 'new/deep/a.txt', content: 'zwei é' })).toMatchObject({
      size_bytes: 7,
    });
    expect(await readFile(room.folder.inside('new/deep/a.txt'), 'utf8')).toBe('zwei é');
  });

  it('writes in an encoding, and says when it has no such character', async () => {
    await output({ operation: 'write_file', path: 'a', content: 'é', encoding: 'windows-1252' });
    expect(await readFile(room.folder.inside('a'))).toEqual(Buffer.from([0xe9]));
    const refused = await result({ operation: 'write_file', path: 'a', content: '日', encoding: 'windows-1252' });
    expect(refused).toMatchObject({ success: false, errorMessage: expect.stringContaining('windows-1252') as string });
    expect(await readFile(room.folder.inside('a'))).toEqual(Buffer.from([0xe9]));
  });
});

describe('changes', () => {
  it('make, copy, move and delete', async () => {
    await output({ operation: 'create_directory', path: 'a/b' });
    await output({ operation: 'create_directory', path: 'a/b' });
    await put({ 'a/b/one.txt': '1', 'a/two.txt': '2' });
    expect(await output({ operation: 'copy_file', path: 'a', destination: 'copy' })).toMatchObject({ files: 2 });
    await output({ operation: 'move_file', path: 'a/two.txt', destination: 'moved/two.txt' });
    const { trash_path: trashPath } = await output({ operation: 'delete_file', path: 'a', recursive: true });
    expect(await readFile(room.folder.inside(`${String(trashPath)}/b/one.txt`), 'utf8')).toBe('1');
    expect(pathsOf(await output({ operation: 'search_files', pattern: '*.txt' }))).toEqual([
      'copy/b/one.txt',
      'copy/two.txt',
      'moved/two.txt',
    ]);
  });

  it('do not delete a folder that is not empty by mistake, nor replace what is there', async () => {
    await put({ 'a/one.txt': '1', 'b.txt': '2' });
    expect(await result({ operation: 'delete_file', path: 'a' })).toMatchObject({
      success: false,
      errorMessage: expect.stringContaining('recursive') as string,
    });
    expect(await refusalOf(result({ operation: 'copy_file', path: 'b.txt', destination: 'a/one.txt' }))).toBe('exists');
    expect(await refusalOf(result({ operation: 'move_file', path: 'b.txt', destination: 'a/one.txt' }))).toBe('exists');
    expect(await readFile(room.folder.inside('a/one.txt'), 'utf8')).toBe('1');
  });
});

it('leads nowhere out of the workspace, by any operation', async () => {
  await symlink(room.folder.outside('folder'), room.folder.inside('link'));
  await symlink(room.folder.outside('secret.txt'), room.folder.inside('link.txt'));
  const before = await room.folder.outsideContents();
  const paths = [
    '../secret.txt',
    '/etc/passwd',
    'link/secret.txt',
    'link.txt',
    '../ws-evil/secret.txt',
    'link/..',
    '..',
    'a/../../secret.txt',
  ];
  for (const operation of FILE_OPERATIONS) {
    for (const path of paths) {
      const parameters = {
        operation,
        path,
        pattern: 'secret.txt',
        content: 'x',
        destination: 'inside',
        recursive: true,
      };
      const outcome = await result(parameters).catch((error: unknown) => {
        expect(error).toBeInstanceOf(WorkspaceError);
        return error;
      });
      expect(JSON.stringify(outcome)).not.toContain(SECRET);
      if (['copy_file', 'move_file'].includes(operation)) {
        await expect(result({ ...parameters, path: 'link.txt', destination: path })).rejects.toThrow(WorkspaceError);
      }
    }
  }
  expect(await room.folder.outsideContents()).toEqual(before);
});

it('answers whatever the parameters are, or says why not', async () => {
  await put({ 'a/b.txt': 'text\n', 'c.md': '# c' });
  const before = await room.folder.outsideContents();
  const paths = fc.oneof(
    fc.constantFrom('.', 'a', 'a/b.txt', 'c.md', '-rf', 'x/../a', '..', '/', 'a\0', 'new\n', 'é'),
    fc.string({ minLength: 1 }),
  );
  const patterns = fc.oneof(
    fc.constantFrom('**', '*.md', '(a*)*b', '[', '{a,b}', '\\', '(?i)T'),
    fc.string({ minLength: 1 }),
  );
  const parameters = fc.record(
    {
      operation: fc.constantFrom(...FILE_OPERATIONS),
      path: paths,
      content: fc.string({ unit: 'binary' }),
      destination: paths,
      pattern: patterns,
      include: patterns,
      recursive: fc.boolean(),
      start_line: fc.integer({ min: 1, max: 3 }),
      max_lines: fc.integer({ min: 1, max: 3 }),
      max_depth: fc.integer({ min: 1, max: 10 }),
      context_lines: fc.integer({ min: 0, max: 10 }),
      case_sensitive: fc.boolean(),
      include_ignored: fc.boolean(),
      encoding: fc.constantFrom('utf-8', 'utf-16le', 'shift_jis'),
    },
    { requiredKeys: ['operation'] },
  );
  const { signal } = new AbortController();
  await fc.assert(
    fc.asyncProperty(parameters, async (given) => {
      expect(isValid(given)).toBe(true);
      if (tool.check(given).length > 0) return;
      try {
        await tool.run(given, {
          caller: { kind: 'person', principalId: 'somebody', role: 'operator' },
          onBehalfOf: 'somebody',
          executionId: 'one',
          workspace: room.folder.workspace,
          timeoutMs: 60_000,
          signal,
        });
      } catch (error) {
        expect(error).toBeInstanceOf(WorkspaceError);
      }
    }),
    { numRuns: 1000 },
  );
  expect(await room.folder.outsideContents()).toEqual(before);
});
