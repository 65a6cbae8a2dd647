import { randomUUID } from 'node:crypto';
import { type Directory, type Name, nameOf } from './directory.js';
import { inMadeFolder, openFolder } from './folders.js';
import { MAX_LEVELS, TRASH } from './paths.rules.js';
import { removeTree } from './tree-removal.js';
import { isRefusal } from './workspace-error.js';

/** What the trash keeps, the newest first. The newest stays whatever its size. */
const TRASH_DAYS = 7;
const TRASH_REMOVALS = 1000;
const TRASH_BYTES = 1024 ** 3;
/** Files and folders; counting stops there. */
const TRASH_ENTRIES = 200_000;

const DAY_MS = 86_400_000;
const BLOCK_BYTES = 512;

/** The folder `.trash` of a workspace: each removal has a folder of its own in it. */
export class Trash {
  constructor(private readonly openRoot: () => Promise<Directory>) {}

  /** Moves what has the name into the trash; a link is moved itself. @returns its path there */
  async take(parent: Directory, name: string): Promise<string> {
    await parent.stat(name);
    const removal = `${new Date().toISOString().replace(/[-:]|\.\d+/g, '')}-${randomUUID()}`;
    await inMadeFolder(this.openRoot, [TRASH, removal], async (place) => {
      await parent.rename(name, place, name);
      await place.sync();
      await parent.sync();
    });
    return `${TRASH}/${removal}/${name}`;
  }

  /** Removes for good what is too old or too much. @throws WorkspaceError when something of it cannot be removed; the rest is */
  async sweep(now: Date, signal?: AbortSignal): Promise<void> {
    let trash: Directory;
    try {
      trash = await openFolder(await this.openRoot(), [TRASH]);
    } catch (error) {
      if (isRefusal(error, 'not_found', 'not_directory', 'symbolic_link')) return;
      throw error;
    }
    await trash.use(() => sweepTrash(trash, now, signal));
  }
}

interface Removal {
  readonly name: Buffer;
  readonly at: number;
}

async function sweepTrash(trash: Directory, now: Date, signal: AbortSignal | undefined): Promise<void> {
  const removals: Removal[] = [];
  for await (const name of trash.names({ withTemporary: true })) {
    const stats = await trash.statIfThere(nameOf(name));
    if (stats) removals.push({ name, at: stats.mtimeMs });
  }
  removals.sort((one, other) => other.at - one.at);
  const kept = new Weight();
  let failure: unknown;
  for (const [index, { name, at }] of removals.entries()) {
    signal?.throwIfAborted();
    const isOld = now.getTime() - at > TRASH_DAYS * DAY_MS || index >= TRASH_REMOVALS;
    if (!isOld) await kept.add(trash, nameOf(name));
    if (!isOld && (index === 0 || !kept.isTooMuch)) continue;
    await removeTree(trash, nameOf(name), signal).catch((error: unknown) => (failure = error));
  }
  signal?.throwIfAborted();
  if (failure) throw failure as Error;
}

/** What removals take together. Counting ends where it is too much. */
class Weight {
  private bytes = 0;
  private entries = 0;

  get isTooMuch(): boolean {
    return this.bytes > TRASH_BYTES || this.entries > TRASH_ENTRIES;
  }

  /** A tree that is deeper than any path counts as too much. */
  async add(parent: Directory, name: Name, level = 1): Promise<void> {
    const stats = this.isTooMuch ? undefined : await parent.statIfPossible(name);
    if (stats === undefined) return;
    this.entries += level > MAX_LEVELS ? TRASH_ENTRIES : 1;
    // What it takes on the disk: a file can be a terabyte of nothing.
    this.bytes += stats.blocks * BLOCK_BYTES;
    if (!stats.isDirectory() || level > MAX_LEVELS) return;
    const folder = await parent.openDirectoryIfPossible(name);
    await folder?.use(async () => {
      for await (const inner of folder.names({ withTemporary: true })) await this.add(folder, nameOf(inner), level + 1);
    });
  }
}
