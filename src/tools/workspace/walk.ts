import type { Stats } from 'node:fs';
import { type Directory, entryOf, type Name, nameOf, textOf } from './directory.js';
import { MAX_LEVELS, MAX_PATH_BYTES, TRASH, within } from './paths.rules.js';
import type { OpenedFile, WalkedEntry, WalkOptions } from './workspace.types.js';

/** Names of a folder that are in memory, and in order, at once. Larger folders come in parts, each in order. */
const NAMES_IN_ORDER = 10_000;
const STATS_AT_ONCE = 64;

type Met = WalkedEntry & { readonly givenName: Name };

/**
 * Everything in a folder, the folder before what is in it. Holds one descriptor a level and at most `NAMES_IN_ORDER` names of each; survives
 * that entries come, go and turn into something else meanwhile. Not entered: what cannot be, and what no path could name (`MAX_LEVELS`,
 * `MAX_PATH_BYTES`).
 * @param start is closed at the end
 * @param reopen opens the folder of a path anew, for entries that are opened after the walk has left their folder
 */
export async function* walkTree(
  start: Directory,
  options: WalkOptions,
  reopen: (path: string) => Promise<Directory>,
): AsyncGenerator<WalkedEntry> {
  const { maxDepth, enter = isNotTrash, signal } = options;
  const levels = [new Level(start, 1, reopen)];
  try {
    for (let level = levels.at(-1); level; level = levels.at(-1)) {
      signal?.throwIfAborted();
      const met = await level.next();
      if (met === undefined) {
        levels.pop();
        await level.close();
        continue;
      }
      const { givenName, ...entry } = met;
      yield entry;
      if (entry.type !== 'directory' || level.depth >= maxDepth || !isNameable(entry.path) || !enter(entry)) continue;
      const folder = await level.directory.openDirectoryIfPossible(givenName);
      if (folder) levels.push(new Level(folder, level.depth + 1, reopen));
    }
  } finally {
    for (const level of levels) await level.close();
  }
}

/** Where the walk is in one folder. */
class Level {
  private readonly unread: AsyncGenerator<Buffer>;
  private names: readonly Buffer[] = [];
  private place = 0;
  private readonly ready: Met[] = [];

  constructor(
    readonly directory: Directory,
    readonly depth: number,
    private readonly reopen: (path: string) => Promise<Directory>,
  ) {
    this.unread = directory.names();
  }

  async next(): Promise<Met | undefined> {
    while (this.ready.length === 0) {
      if (this.place >= this.names.length) {
        this.names = await this.readNames();
        this.place = 0;
        if (this.names.length === 0) return undefined;
      }
      const names = this.names.slice(this.place, this.place + STATS_AT_ONCE);
      this.place += names.length;
      const met = await Promise.all(names.map((name) => this.meet(nameOf(name))));
      this.ready.push(...met.filter((entry) => entry !== undefined).reverse());
    }
    return this.ready.pop();
  }

  async close(): Promise<void> {
    await this.unread.return(undefined);
    await this.directory.close();
  }

  private async readNames(): Promise<Buffer[]> {
    const names: Buffer[] = [];
    while (names.length < NAMES_IN_ORDER) {
      const next = await this.unread.next();
      if (next.done === true) break;
      names.push(next.value);
    }
    return names.sort((one, other) => Buffer.compare(one, other));
  }

  private async meet(givenName: Name): Promise<Met | undefined> {
    const stats = await this.directory.statIfPossible(givenName);
    if (stats === undefined) return undefined;
    const name = textOf(givenName);
    const path = within(this.directory.path, name);
    const open = (): Promise<OpenedFile> => this.open(givenName, stats);
    const { type, sizeBytes, modifiedAt } = entryOf(path, name, stats);
    return { path, name, type, sizeBytes, modifiedAt, depth: this.depth, open, givenName };
  }

  private async open(name: Name, met: Stats): Promise<OpenedFile> {
    if (this.directory.isOpen) return await this.directory.openFile(name, met);
    const folder = await this.reopen(this.directory.path);
    return await folder.use(() => folder.openFile(name, met));
  }
}

const isNotTrash = ({ path }: { readonly path: string }): boolean => path !== TRASH;

const isNameable = (path: string): boolean =>
  Buffer.byteLength(path) <= MAX_PATH_BYTES && path.split('/').length < MAX_LEVELS;
