import { realpath } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { Directory } from '../workspace/directory.js';
import { removeTree } from '../workspace/tree-removal.js';

/**
 * Removes a folder with what programs left in it: of any depth, locked, or changed by another program meanwhile. No link leads out of it.
 * @throws WorkspaceError; the signal's reason
 */
export async function removeFolder(folder: string, signal?: AbortSignal): Promise<void> {
  const parent = await Directory.openRoot(await realpath(dirname(folder)));
  await parent.use(() => removeTree(parent, basename(folder), signal));
}
