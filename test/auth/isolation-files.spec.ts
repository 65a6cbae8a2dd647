import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, readdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { folderOf } from '../../src/tools/workspace/principal-folder.js';
import { Workspaces } from '../../src/tools/workspace/workspaces.js';
import type { Answer } from '../http/client.js';
import { until } from '../support/until.js';
import { IsolationRoom, SECRET, type Who } from './isolation-room.js';

interface Listing {
  readonly items: readonly { readonly name: string }[];
}

let room: IsolationRoom;
const idOf: Partial<Record<Who, string>> = {};
beforeAll(async () => {
  room = await IsolationRoom.start();
  for (const who of ['a', 'b', 'admin'] as const) {
    idOf[who] = String((await room.call(who, 'GET', '/api/v1/auth/me')).body.id);
  }
  const headers = { 'content-type': 'application/octet-stream' };
  const put = await room.call('a', 'PUT', '/api/v1/tools/files/notes/plan.txt', SECRET, headers);
  expect(put.status).toBe(201);
}, 180_000);
afterAll(() => room.close());

const files = (who: Who, path = ''): Promise<Answer<Listing>> => room.call(who, 'GET', `/api/v1/tools/files${path}`);
const tool = (who: Who, parameters: object, name = 'file_operations'): Promise<Answer> =>
  room.call(who, 'POST', '/api/v1/tools/execute', { tool_name: name, parameters });

it('each has files of their own', async () => {
  expect((await files('a')).body.items.map(({ name }) => name)).toEqual(['notes']);
  expect((await files('a', '/notes/plan.txt')).text).toBe(SECRET);
  for (const who of ['b', 'viewer', 'admin'] as const) {
    expect((await files(who)).body.items).toEqual([]);
    expect((await files(who, '/notes/plan.txt')).status).toBe(404);
  }
  expect((await room.call('b', 'DELETE', '/api/v1/tools/files/notes/plan.txt')).status).toBe(404);
});

it('tools have the files of whom they run for', async () => {
  const read = { operation: 'read_file', path: 'notes/plan.txt' };
  expect((await tool('a', read)).text).toContain(SECRET);
  expect((await tool('b', read)).body).toMatchObject({ success: false });
});

it('no path leads from one to another', async () => {
  const a = idOf.a ?? '';
  const paths = [
    `../${a}/notes/plan.txt`,
    `../../.principals/${a}/notes/plan.txt`,
    `.principals/${a}/notes/plan.txt`,
    `${a}/notes/plan.txt`,
    `x/../../${a}/notes/plan.txt`,
    `/${a}/notes/plan.txt`,
    join(room.nyx.config.workspaceDir, '.principals', a, 'notes/plan.txt'),
  ];
  for (const path of paths) {
    const read = await tool('b', { operation: 'read_file', path });
    expect([path, read.status < 300 && read.body, read.text.includes(SECRET)]).not.toEqual([
      path,
      expect.objectContaining({ success: true }),
      true,
    ]);
    expect(read.text).not.toContain(SECRET);
    const moved = await tool('b', { operation: 'copy_file', path, destination: 'mine.txt' });
    expect(moved.status < 300 && (moved.body as { success: boolean }).success).toBe(false);
    const got = await files('b', `/${path.split('/').map(encodeURIComponent).join('%2F')}`);
    expect([path, got.status < 400]).toEqual([path, false]);
  }
  expect((await tool('b', { operation: 'search_files', path: '.', pattern: '**' })).text).not.toContain('plan.txt');
  expect((await files('a', '/notes/plan.txt')).text).toBe(SECRET);
});

it('a program in the sandbox sees its principal’s files and no others', async () => {
  const command = `ls -aR . .. / 2>/dev/null | grep -c plan.txt; cat ../*/notes/plan.txt ../.principals/*/notes/plan.txt`;
  const ran = await tool('b', { command, shell: true }, 'shell_command');
  expect(ran.status).toBe(200);
  expect(ran.text).not.toContain(SECRET);
  expect((ran.body as { stdout: string }).stdout.trim()).toBe('0');
  const own = await tool('a', { command: 'cat notes/plan.txt' }, 'shell_command');
  expect(own.body).toMatchObject({ stdout: SECRET });
});

it('folders have plain names, and nobody’s id leads out of theirs', () => {
  const { workspaceDir } = room.nyx.config;
  const top = join(workspaceDir, '.principals');
  expect(existsSync(join(top, idOf.a ?? '', 'notes/plan.txt'))).toBe(true);
  for (const id of ['../../out', '.', '..', 'A', 'x/y', 'ß', '', 'x'.repeat(100)]) {
    const hash = createHash('sha256').update(id).digest('hex');
    expect(folderOf({ workspaceDir, isolatePrincipals: true }, id)).toMatch(new RegExp(`/\\.principals/_${hash}$`));
  }
  expect(readdirSync(workspaceDir)).toEqual(['.principals']);
});

it('a link that stands where a folder should be is not followed', async () => {
  const { workspaceDir } = room.nyx.config;
  await symlink(join(workspaceDir, '.principals', idOf.a ?? ''), join(workspaceDir, '.principals', 'planted'));
  expect(() => room.nyx.app.get(Workspaces).of('planted')).toThrow('is no folder');
});

it('trash is swept in every folder', async () => {
  const own = room.nyx.app.get(Workspaces).of('sweeping').directory;
  const removal = join(own, '.trash', 'old');
  await mkdir(removal, { recursive: true });
  await writeFile(join(removal, 'gone.txt'), 'x');
  const longAgo = new Date(Date.now() - 30 * 86_400_000);
  await utimes(removal, longAgo, longAgo);
  const again = new Workspaces(room.nyx.config);
  await again.onModuleInit();
  try {
    await until('the trash is swept', async () => (await readdir(join(own, '.trash'))).length === 0);
  } finally {
    await again.onModuleDestroy();
  }
});
