import { closeSync, constants, openSync, readlinkSync, realpathSync } from 'node:fs';
import { join, relative } from 'node:path';

/**
 * Opens a folder for the sandbox to mount. Whoever can write in the workspace could put a link in the place of a folder in it, at any
 * time: what was opened must be where its path says, with links only above the workspace.
 * @param root the workspace as configured
 * @returns a descriptor
 * @throws Error when it is missing, no folder, or elsewhere
 */
export function openDirectory(directory: string, root: string): number {
  const below = relative(root, directory);
  const isInside = below !== '..' && !below.startsWith('../');
  const expected = isInside ? join(realpathSync(root), below) : directory;
  const fd = openSync(expected, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  if (readlinkSync(`/proc/self/fd/${fd}`) === expected) return fd;
  closeSync(fd);
  throw new Error('The folder of the workspace is not where it was.');
}
