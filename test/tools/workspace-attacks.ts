import { execFile } from 'node:child_process';
import { link, mkdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { WorkspaceFolder } from './workspace-folder.js';

const run = promisify(execFile);

export interface PathAttack {
  readonly what: string;
  readonly path: string;
  /** What reading it ends with. */
  readonly reading: string;
  /** What writing to it ends with; undefined: an ordinary file of that name. */
  readonly writing: string | undefined;
}

const refused = (what: string, path: string, reading: string, writing = reading): PathAttack => ({
  what,
  path,
  reading,
  writing,
});

/** Nothing of that name is there, and it is a name like any other. */
const harmless = (what: string, path: string, reading = 'not_found'): PathAttack => ({
  what,
  path,
  reading,
  writing: undefined,
});

/** Paths out of a workspace that `setTraps` has prepared. */
export const pathAttacks = (folder: Pick<WorkspaceFolder, 'outside'>): PathAttack[] => [
  refused('dots', '../secret.txt', 'outside_workspace'),
  refused('dots behind a folder', 'real/../../secret.txt', 'outside_workspace'),
  refused('dots behind dots', './real/./.././../secret.txt', 'outside_workspace'),
  refused('dots alone', '..', 'outside_workspace'),
  refused('dots through a link', 'to-folder/../../secret.txt', 'outside_workspace'),
  refused('an absolute path', folder.outside('secret.txt'), 'outside_workspace'),
  refused('an absolute path into the workspace', folder.outside('ws/real/file'), 'outside_workspace'),
  refused('a system file', '/etc/passwd', 'outside_workspace'),
  refused('two slashes', '//etc/passwd', 'outside_workspace'),
  refused('the prefix twin', '../ws-evil/secret.txt', 'outside_workspace'),
  harmless('encoded dots', '%2e%2e/secret.txt'),
  harmless('encoded slashes', '%2e%2e%2fsecret.txt'),
  refused('backslashes', '..\\secret.txt', 'not_found', 'invalid_path'),
  refused('a drive', 'C:\\secret.txt', 'not_found', 'invalid_path'),
  refused('a new line', 'new\nline', 'not_found', 'invalid_path'),
  harmless('a name that looks like an option', '-rf'),
  harmless('a home', '~/secret.txt'),
  refused('a long name', 'n'.repeat(256), 'invalid_path'),
  refused('a long path', `${'n/'.repeat(2048)}n`, 'invalid_path'),
  refused('many folders', `${'n/'.repeat(128)}n`, 'invalid_path'),
  refused('a name that is kept', '.nyx-019ab0c4-0000-7000-8000-000000000000.tmp', 'invalid_path'),
  refused('a link to a file', 'to-file', 'symbolic_link'),
  refused('a link to a file inside', 'to-inside', 'symbolic_link'),
  refused('a link that leads nowhere', 'dangling', 'symbolic_link'),
  refused('a link to itself', 'loop', 'symbolic_link'),
  refused('a link to a folder', 'to-folder/secret.txt', 'symbolic_link'),
  refused('a link to a folder inside', 'real/to-top/real/file', 'symbolic_link'),
  refused('a link to the environment', 'environment', 'symbolic_link'),
  refused('a link to all files', 'to-root/etc/passwd', 'symbolic_link'),
  harmless('a hard link', 'hard', 'hard_link'),
  refused('a FIFO', 'fifo', 'special_file'),
  refused('a device', 'device', 'special_file'),
];

/** No URL and no JSON body can carry these, so they are tried at the workspace only. */
export const unsendablePaths: readonly PathAttack[] = [
  refused('NUL', 'real/file\0.txt', 'invalid_path'),
  refused('half a character', 'a\ud800', 'invalid_path'),
  refused('nothing', '', 'invalid_path'),
];

/** Puts everything into the workspace that leads out of it, or never ends. */
export async function setTraps({ inside, outside }: WorkspaceFolder): Promise<void> {
  await mkdir(inside('real'));
  await writeFile(inside('real/file'), 'inside');
  await symlink(outside('secret.txt'), inside('to-file'));
  await symlink('real/file', inside('to-inside'));
  await symlink(outside('nothing-there'), inside('dangling'));
  await symlink('loop', inside('loop'));
  await symlink(outside('folder'), inside('to-folder'));
  await symlink('..', inside('real/to-top'));
  await symlink('/proc/self/environ', inside('environment'));
  await symlink('/', inside('to-root'));
  await link(outside('secret.txt'), inside('hard'));
  await run('mkfifo', [inside('fifo')]);
  // /dev/zero, which never ends. Only root may make one, and it is a FIFO for everybody else.
  await run('mknod', [inside('device'), 'c', '1', '5']).catch(() => run('mkfifo', [inside('device')]));
  await writeFile(inside('sparse'), '');
  await truncate(inside('sparse'), 1024 ** 4);
}
