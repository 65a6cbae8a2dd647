import { execFile, spawnSync } from 'node:child_process';
import { readFile, symlink } from 'node:fs/promises';
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

/** Its own packages, where its lock file is another: it must run as it was shipped, also when today's tree has dropped one of them. */
async function installInto(folder: string): Promise<void> {
  const locks = await Promise.all([folder, ROOT].map((of) => readFile(join(of, 'package-lock.json'), 'utf8')));
  if (locks[0] === locks[1]) await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  else await run('npm', ['ci', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder });
}

/**
 * What a commit of this repository builds to. Packages that today's lock file does not name are fetched, as at any installation.
 * @returns its folder, for `startNyxProcess`; removed by `cleanUpProcesses()`
 */
export async function releaseOf(commit: string): Promise<string> {
  const folder = await newDataDir();
  const archive = join(folder, 'sources.tar');
  await run('git', [...GIT, 'archive', `--output=${archive}`, commit]);
  await run('tar', ['-xf', archive, '-C', folder]);
  await installInto(folder);
  await run(process.execPath, ['node_modules/@nestjs/cli/bin/nest.js', 'build'], { cwd: folder });
  return folder;
}
