import { randomUUID } from 'node:crypto';
import { mkdir, realpath } from 'node:fs/promises';
import { type FileContent, writeAtomically } from './atomic-write.js';
import { Directory, entryOf } from './directory.js';
import { inMadeFolder, openFolder } from './folders.js';
import { pageOfFolder } from './listing.js';
import { isInTrash, isWithin, newFileNames, newNames, parsePath, pathOf, shown, temporaryName } from './paths.rules.js';
import { sweepTemporaries } from './temporaries.js';
import { Trash } from './trash.js';
import { type CopyLimits, TreeCopy } from './tree-copy.js';
import { removeTree } from './tree-removal.js';
import { walkTree } from './walk.js';
import { WorkspaceError } from './workspace-error.js';
import type { FolderPage, OpenedFile, WalkedEntry, WalkOptions, WorkspaceEntry } from './workspace.types.js';

export { WorkspaceError } from './workspace-error.js';
export type { EntryType, FolderPage, OpenedFile, WalkedEntry, WalkOptions, WorkspaceEntry } from './workspace.types.js';

const FOLDER_MODE = 0o755;
const PRIVATE = 0o700;
const PERMISSIONS = 0o777;

/**
 * A folder that nothing leads out of: the one way to files for everything outside the sandbox. Every method takes paths as they came
 * (`parsePath` says what they may be) and works on opened descriptors, so that what was checked is what is used; symbolic links are never
 * followed. Everything that goes wrong is a `WorkspaceError`.
 */
export class Workspace {
  private readonly trash: Trash;

  private constructor(
    /** Absolute, for the sandbox to mount. */
    readonly directory: string,
  ) {
    this.trash = new Trash(this.openRoot);
  }

  /** Makes the folder, for its owner only, when it is missing. Links that lead to it are followed, now and not again. */
  static async open(directory: string): Promise<Workspace> {
    await mkdir(directory, { recursive: true, mode: PRIVATE });
    const workspace = new Workspace(await realpath(directory));
    await workspace.stat('.');
    return workspace;
  }

  /** @param directory that is there, absolute and without links */
  static at(directory: string): Workspace {
    return new Workspace(directory);
  }

  async stat(path: string): Promise<WorkspaceEntry> {
    const names = parsePath(path);
    const name = names.at(-1);
    if (name === undefined) {
      return await (await this.openRoot()).use(async (root) => entryOf('.', '.', await root.statSelf()));
    }
    const parent = await this.openFolder(names.slice(0, -1));
    return await parent.use(async () => entryOf(pathOf(names), name, await parent.stat(name)));
  }

  /** @throws WorkspaceError is_directory, symbolic_link, special_file, hard_link, … */
  async openFile(path: string): Promise<OpenedFile> {
    const names = parsePath(path);
    const name = names.at(-1);
    if (name === undefined) throw new WorkspaceError('is_directory', 'The workspace itself is a folder.');
    const parent = await this.openFolder(names.slice(0, -1));
    return await parent.use(() => parent.openFile(name));
  }

  /**
   * In the order of names' code points within a folder (of more than 10,000 entries: of each 10,000 as the system gives them), a folder before
   * what is in it.
   */
  async *walk(path: string, options: WalkOptions): AsyncGenerator<WalkedEntry> {
    const folder = await this.openFolder(parsePath(path));
    yield* walkTree(folder, options, (inner) => this.openFolder(parsePath(inner)));
  }

  /** A page of a folder of any size. @param after what `next` of the page before was */
  async list(path: string, { limit, after }: { limit: number; after?: Buffer }): Promise<FolderPage> {
    const folder = await this.openFolder(parsePath(path));
    return await folder.use(() => pageOfFolder(folder, limit, after));
  }

  /** Whole or not at all; parents are made. @returns bytes written */
  async writeFile(path: string, content: FileContent, limits: { maxBytes: number }): Promise<number> {
    const names = newFileNames(path);
    const name = names.at(-1) ?? '';
    refuseTrash(names);
    return await this.inMadeFolder(names.slice(0, -1), (parent) => writeAtomically(parent, name, content, limits));
  }

  /** Parents are made; what is there already is fine. */
  async makeDirectory(path: string): Promise<void> {
    const names = newNames(path);
    refuseTrash(names);
    await this.inMadeFolder(names, () => Promise.resolve());
  }

  /**
   * Files, and folders with what is in them, whole or not at all. Parents are made, nothing is replaced. Links in a folder stay links.
   * @returns how many files
   */
  async copy(from: string, to: string, limits: CopyLimits): Promise<number> {
    const source = parsePath(from);
    const target = newNames(to);
    refusePlaces(source, target);
    const name = source.at(-1) ?? '';
    const newName = target.at(-1) ?? '';
    const copy = new TreeCopy(limits);
    const parent = await this.openFolder(source.slice(0, -1));
    await parent.use(async () => {
      const stats = await parent.stat(name);
      await this.inMadeFolder(target.slice(0, -1), async (place) => {
        await refuseExisting(place, newName, target);
        if (!stats.isDirectory()) {
          await copy.copyFile(parent, name, place, newName, stats.mode & PERMISSIONS);
          return;
        }
        const folder = await parent.openDirectory(name);
        await folder.use(() => copyFolderWhole(copy, folder, place, newName, target));
      });
    });
    return copy.fileCount;
  }

  /** Parents are made, nothing is replaced. A link is moved itself. */
  async move(from: string, to: string): Promise<void> {
    const source = parsePath(from);
    const target = newNames(to);
    refusePlaces(source, target);
    const newName = target.at(-1) ?? '';
    const name = source.at(-1) ?? '';
    const parent = await this.openFolder(source.slice(0, -1));
    await parent.use(async () => {
      await parent.stat(name);
      await this.inMadeFolder(target.slice(0, -1), async (place) => {
        await refuseExisting(place, newName, target);
        await parent.rename(name, place, newName);
        await place.sync();
        await parent.sync();
      });
    });
  }

  /** Moves it into the trash of the workspace. @returns its path there */
  async remove(path: string): Promise<string> {
    const names = parsePath(path);
    const name = names.at(-1);
    if (name === undefined) throw new WorkspaceError('not_permitted', 'The workspace itself is not removed.');
    if (isInTrash(names)) {
      throw new WorkspaceError('not_permitted', 'The trash empties itself; what is in it is not removed again.');
    }
    const parent = await this.openFolder(names.slice(0, -1));
    return await parent.use(() => this.trash.take(parent, name));
  }

  /** Removes for good what the trash keeps no longer. */
  async sweepTrash(now: Date, signal?: AbortSignal): Promise<void> {
    await this.trash.sweep(now, signal);
  }

  /** Removes what crashes left behind. Looks at everything there is. */
  async sweepTemporaries(now: Date, signal?: AbortSignal): Promise<void> {
    await (await this.openRoot()).use((root) => sweepTemporaries(root, now, signal));
  }

  private readonly openRoot = (): Promise<Directory> => Directory.openRoot(this.directory);

  private async openFolder(names: readonly string[]): Promise<Directory> {
    return await openFolder(await this.openRoot(), names);
  }

  private inMadeFolder<Result>(
    names: readonly string[],
    work: (folder: Directory) => Promise<Result>,
  ): Promise<Result> {
    return inMadeFolder(this.openRoot, names, work);
  }
}

/** Nobody sees it before it is whole. */
async function copyFolderWhole(
  copy: TreeCopy,
  from: Directory,
  place: Directory,
  newName: string,
  target: readonly string[],
): Promise<void> {
  const temporary = temporaryName(randomUUID());
  try {
    await place.makeDirectory(temporary, FOLDER_MODE);
    const inside = await place.openDirectory(temporary);
    await inside.use(() => copy.copyInside(from, inside));
    await refuseExisting(place, newName, target);
    await place.rename(temporary, place, newName);
    await place.sync();
  } catch (error) {
    await removeTree(place, temporary).catch(() => undefined);
    throw error;
  }
}

function refuseTrash(names: readonly string[]): void {
  if (!isInTrash(names)) return;
  throw new WorkspaceError('not_permitted', 'Nothing is put into the trash but by removing it.');
}

/** What copying and moving can do neither. */
function refusePlaces(source: readonly string[], target: readonly string[]): void {
  if (source.length === 0 || (source.length === 1 && isInTrash(source))) {
    throw new WorkspaceError('not_permitted', `${shown(pathOf(source))} is neither copied nor moved.`);
  }
  if (target.length === 0) throw new WorkspaceError('exists', 'The workspace itself exists already.');
  refuseTrash(target);
  if (pathOf(source) !== pathOf(target) && isWithin(target, source)) {
    throw new WorkspaceError('not_permitted', `${shown(pathOf(target))} is in ${shown(pathOf(source))} itself.`);
  }
}

async function refuseExisting(place: Directory, name: string, path: readonly string[]): Promise<void> {
  if ((await place.statIfThere(name)) === undefined) return;
  throw new WorkspaceError('exists', `${shown(pathOf(path))} exists already.`);
}
