import { execFile, spawnSync } from 'node:child_process';
import { symlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { newDataDir } from './process.js';

const ROOT = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);
/** Also where the clone belongs to somebody else. */
const GIT = ['-C', ROOT, '-c', 'safe.directory=*'];

/** Whether the history of this clone reaches back to it: that of a shallow one does not, before `git fetch --unshallow`. */
export const isKnown = (commit: string): boolean =>
  spawnSync('git', [...GIT, 'cat-file', '-e', `${commit}^{commit}`]).status === 0;

/**
 * What a commit of this repository builds to, with the packages that are installed here.
 * @returns its folder, for `startNyxProcess`; removed by `cleanUpProcesses()`
 */
export async function releaseOf(commit: string): Promise<string> {
  const folder = await newDataDir();
  const archive = join(folder, 'sources.tar');
  await run('git', [...GIT, 'archive', `--output=${archive}`, commit]);
  await run('tar', ['-xf', archive, '-C', folder]);
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  await run(process.execPath, ['node_modules/@nestjs/cli/bin/nest.js', 'build'], { cwd: folder });
  return folder;
}
