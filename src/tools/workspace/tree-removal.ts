import { randomUUID } from 'node:crypto';
import { type Directory, type Name, nameOf } from './directory.js';
import { temporaryName } from './paths.rules.js';
import { isRefusal } from './workspace-error.js';

/** Deeper folders are moved up before they are emptied, so that no tree needs more descriptors than this. */
const LEVELS_AT_ONCE = 32;
const OWNER_MAY_ALL = 0o700;

/** Removes a file, a link itself, or a folder with all that is in it. What is gone already is fine. @throws WorkspaceError */
export async function removeTree(parent: Directory, name: Name, signal?: AbortSignal): Promise<void> {
  const pending: Name[] = [name];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const tooDeep = async (folder: Directory, inner: Name): Promise<void> => {
      const raised = temporaryName(randomUUID());
      await folder.rename(inner, parent, raised);
      pending.push(raised);
    };
    await removeLevels(parent, next, { tooDeep, signal, levels: LEVELS_AT_ONCE });
  }
}

interface Removal {
  readonly tooDeep: (folder: Directory, name: Name) => Promise<void>;
  readonly signal: AbortSignal | undefined;
  readonly levels: number;
}

async function removeLevels(parent: Directory, name: Name, removal: Removal): Promise<void> {
  removal.signal?.throwIfAborted();
  const stats = await parent.statIfThere(name);
  if (stats === undefined) return;
  if (!stats.isDirectory()) await ignoringMissing(parent.removeFile(name));
  else if (removal.levels === 0) await removal.tooDeep(parent, name);
  else {
    if ((stats.mode & OWNER_MAY_ALL) !== OWNER_MAY_ALL) await parent.unlockDirectory(name);
    const folder = await parent.openDirectory(name);
    await folder.use(async () => {
      const inside = { ...removal, levels: removal.levels - 1 };
      for await (const inner of folder.names({ withTemporary: true }))
        await removeLevels(folder, nameOf(inner), inside);
    });
    await ignoringMissing(parent.removeDirectory(name));
  }
}

async function ignoringMissing(removal: Promise<void>): Promise<void> {
  try {
    await removal;
  } catch (error) {
    if (!isRefusal(error, 'not_found')) throw error;
  }
}
