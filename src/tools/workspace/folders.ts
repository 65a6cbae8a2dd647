import type { Directory } from './directory.js';
import { isRefusal } from './workspace-error.js';

const FOLDER_MODE = 0o755;

/** Opens the folder that the names lead to, each in the one before. Closes `root` and what is between. @throws WorkspaceError */
export async function openFolder(root: Directory, names: readonly string[]): Promise<Directory> {
  let folder = root;
  for (const name of names) folder = await folder.use((parent) => parent.openDirectory(name));
  return folder;
}

/**
 * Like `openFolder`, and makes what is not there. When `work` fails, the folders that were made for it go again.
 * @param openRoot opens the workspace anew
 */
export async function inMadeFolder<Result>(
  openRoot: () => Promise<Directory>,
  names: readonly string[],
  work: (folder: Directory) => Promise<Result>,
): Promise<Result> {
  const made: (readonly string[])[] = [];
  try {
    let folder = await openRoot();
    for (const [index, name] of names.entries()) {
      folder = await folder.use(async (parent) => {
        if (await makeIfMissing(parent, name)) made.unshift(names.slice(0, index + 1));
        return await parent.openDirectory(name);
      });
    }
    return await folder.use(work);
  } catch (error) {
    for (const folder of made) await removeIfEmpty(openRoot, folder);
    throw error;
  }
}

/** @returns whether it was missing */
async function makeIfMissing(parent: Directory, name: string): Promise<boolean> {
  if (await parent.statIfThere(name)) return false;
  try {
    await parent.makeDirectory(name, FOLDER_MODE);
  } catch (error) {
    if (isRefusal(error, 'exists')) return false;
    throw error;
  }
  await parent.sync();
  return true;
}

/** What others have put something into meanwhile, or moved, stays. */
async function removeIfEmpty(openRoot: () => Promise<Directory>, names: readonly string[]): Promise<void> {
  try {
    const parent = await openFolder(await openRoot(), names.slice(0, -1));
    await parent.use((folder) => folder.removeDirectory(names.at(-1) ?? ''));
  } catch {
    // What made the work fail is what the caller is to hear.
  }
}
