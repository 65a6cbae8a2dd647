import { constants, type Stats } from 'node:fs';
import { chmod, type FileHandle, lstat, mkdir, open, opendir, rename, rmdir, unlink } from 'node:fs/promises';
import { codeOf } from '../../config/error-code.js';
import { fileError } from './fs-errors.js';
import { isTemporaryName, shown, within } from './paths.rules.js';
import { isRefusal, WorkspaceError } from './workspace-error.js';
import type { EntryType, OpenedFile, WorkspaceEntry } from './workspace.types.js';

/** Bytes, where they are no UTF-8. */
export type Name = string | Buffer;
type Location = string | Buffer;

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY } = constants;
/** macOS: refuses a link in any part of the path, not only in the last. Node has no name for it. */
const O_NOFOLLOW_ANY = 0x20000000;
/** Linux: opens what may not be read, to name it. Node has no name for it. */
const O_PATH = 0o10000000;
const OWNER_ONLY = 0o700;
const NAMES_AT_ONCE = 512;

/**
 * An opened folder. What is looked up in it is looked up in the folder that was opened, wherever that has been moved to and whatever stands
 * at its path by now: Node has no openat(2), but on Linux `/proc/self/fd/<n>/<name>` is just that, and on macOS `/.vol/<device>/<inode>/<name>`.
 * Every name is one part of a path. Errors are `WorkspaceError`s that name the path in the workspace.
 */
export class Directory {
  private uses = 0;
  private isClosing = false;

  private constructor(
    /** In the workspace. */
    readonly path: string,
    private readonly handle: FileHandle,
    private readonly base: string,
    private readonly flags: number,
    private readonly location: string,
  ) {}

  /** @param location absolute, without links */
  static async openRoot(location: string): Promise<Directory> {
    return await Directory.openAt(location, location, '.', O_NOFOLLOW);
  }

  /** @param found where it is opened; `location` is what that is without descriptors */
  private static async openAt(found: Location, location: string, path: string, flags: number): Promise<Directory> {
    let handle: FileHandle | undefined;
    try {
      handle = await open(found, O_RDONLY | O_DIRECTORY | flags);
      const base = await baseOf(handle, location);
      const isBare = base === location && process.platform === 'darwin';
      return new Directory(path, handle, base, isBare ? O_NOFOLLOW_ANY : O_NOFOLLOW, location);
    } catch (error) {
      await handle?.close();
      throw fileError(error, path);
    }
  }

  get isOpen(): boolean {
    return !this.isClosing;
  }

  /** Calls with the path of `name` in this folder. The descriptor, whose number is in that path, stays open meanwhile. */
  async at<Result>(name: Name, call: (location: Location) => Promise<Result>): Promise<Result> {
    if (this.isClosing) throw new Error('This folder is closed.');
    this.uses += 1;
    try {
      return await call(this.locate(name));
    } catch (error) {
      throw fileError(error, within(this.path, textOf(name)));
    } finally {
      this.uses -= 1;
      await this.closeIfUnused();
    }
  }

  /** Undefined when it is no folder any more, or none that may be read. */
  async openDirectoryIfPossible(name: Name): Promise<Directory | undefined> {
    try {
      return await this.openDirectory(name);
    } catch (error) {
      if (isRefusal(error, 'not_found', 'not_directory', 'symbolic_link', 'not_permitted')) return undefined;
      throw error;
    }
  }

  /** @throws WorkspaceError not_found, not_directory, symbolic_link, not_permitted */
  async openDirectory(name: Name): Promise<Directory> {
    const path = within(this.path, textOf(name));
    try {
      const location = `${this.location}/${textOf(name)}`;
      return await this.at(name, (found) => Directory.openAt(found, location, path, this.flags));
    } catch (error) {
      // Linux says ENOTDIR of links too.
      if (isRefusal(error, 'not_directory') && (await this.isLink(name))) throw linkError(path);
      throw error;
    }
  }

  /**
   * Never waits for a FIFO, and opens no device that stands there when it looks.
   * @param met what it was when somebody else looked; it must still be that
   * @throws WorkspaceError
   */
  async openFile(name: Name, met?: Stats): Promise<OpenedFile> {
    const path = within(this.path, textOf(name));
    const looked = met ?? (await this.stat(name));
    checkReadable(looked, path);
    const flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | this.flags;
    const handle = await this.at(name, (location) => open(location, flags));
    try {
      const stats = await handle.stat();
      checkReadable(stats, path);
      if (met && (stats.ino !== met.ino || stats.dev !== met.dev)) {
        throw new WorkspaceError('not_found', `${shown(path)} is not what it was a moment ago.`);
      }
      return { path, handle, sizeBytes: stats.size, modifiedAt: stats.mtime };
    } catch (error) {
      await handle.close();
      throw fileError(error, path);
    }
  }

  /** For writing, and only if nothing has that name. */
  async createFile(name: Name, mode: number): Promise<FileHandle> {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | this.flags;
    return await this.at(name, (location) => open(location, flags, mode));
  }

  /** Of what has the name, links themselves. */
  async stat(name: Name): Promise<Stats> {
    return await this.at(name, (location) => lstat(location));
  }

  /** Undefined when nothing has that name. */
  async statIfThere(name: Name): Promise<Stats | undefined> {
    try {
      return await this.stat(name);
    } catch (error) {
      if (isRefusal(error, 'not_found')) return undefined;
      throw error;
    }
  }

  /** Undefined also where the folder may not be searched: its names can be read and nothing else. */
  async statIfPossible(name: Name): Promise<Stats | undefined> {
    try {
      return await this.stat(name);
    } catch (error) {
      if (isRefusal(error, 'not_found', 'not_permitted')) return undefined;
      throw error;
    }
  }

  async statSelf(): Promise<Stats> {
    return await this.at('.', () => this.handle.stat());
  }

  async makeDirectory(name: Name, mode: number): Promise<void> {
    await this.at(name, (location) => mkdir(location, mode));
  }

  /** Lets its owner into a folder, whatever stands at that name: not through a link, and on Linux only, where the sandbox can lock one. */
  async unlockDirectory(name: Name): Promise<void> {
    if (process.platform !== 'linux') return;
    const handle = await this.at(name, (location) => open(location, O_PATH | O_DIRECTORY | O_NOFOLLOW));
    try {
      await chmod(`/proc/self/fd/${handle.fd}`, OWNER_ONLY);
    } catch (error) {
      throw fileError(error, within(this.path, textOf(name)));
    } finally {
      await handle.close();
    }
  }

  async removeFile(name: Name): Promise<void> {
    await this.at(name, (location) => unlink(location));
  }

  async removeDirectory(name: Name): Promise<void> {
    await this.at(name, (location) => rmdir(location));
  }

  /** Replaces what has the new name, if that can be. */
  async rename(name: Name, to: Directory, newName: Name): Promise<void> {
    await this.at(name, (from) => to.at(newName, (target) => rename(from, target)));
  }

  /** Makes what was done to names in it last over a loss of power. Some file systems have no such thing. */
  async sync(): Promise<void> {
    await this.at('.', async () => {
      try {
        await this.handle.sync();
      } catch (error) {
        if (!['EINVAL', 'ENOTSUP'].includes(codeOf(error) ?? '')) throw error;
      }
    });
  }

  /** What is in it, in no order and not all at once; what is being written is left out unless asked for. */
  async *names({ withTemporary = false } = {}): AsyncGenerator<Buffer> {
    const options = { encoding: 'buffer' as BufferEncoding, bufferSize: NAMES_AT_ONCE };
    const folder = await this.at('.', () => opendir(this.base, options));
    try {
      for await (const entry of folder) {
        const name = entry.name as unknown as Buffer;
        if (withTemporary || !isTemporaryName(name.toString())) yield name;
      }
    } catch (error) {
      throw fileError(error, this.path);
    }
  }

  /** Closes when nothing uses it any more. */
  async close(): Promise<void> {
    if (this.isClosing) return;
    this.isClosing = true;
    await this.closeIfUnused();
  }

  /** Closes it afterwards. */
  async use<Result>(work: (directory: this) => Promise<Result>): Promise<Result> {
    try {
      return await work(this);
    } finally {
      await this.close();
    }
  }

  private async closeIfUnused(): Promise<void> {
    if (this.isClosing && this.uses === 0) await this.handle.close();
  }

  private locate(name: Name): Location {
    return typeof name === 'string' ? `${this.base}/${name}` : Buffer.concat([Buffer.from(`${this.base}/`), name]);
  }

  private async isLink(name: Name): Promise<boolean> {
    return (await this.statIfPossible(name))?.isSymbolicLink() ?? false;
  }
}

/** The name as text where it is UTF-8, so that it can be given back as a path; its bytes where it is not. */
export function nameOf(bytes: Buffer): Name {
  const text = bytes.toString();
  return Buffer.from(text).equals(bytes) ? text : bytes;
}

/** For people: what is no UTF-8 becomes U+FFFD. */
export const textOf = (name: Name): string => (typeof name === 'string' ? name : name.toString());

export function entryOf(path: string, name: string, stats: Stats): WorkspaceEntry {
  const type = typeOf(stats);
  return { path, name, type, sizeBytes: type === 'file' ? stats.size : 0, modifiedAt: stats.mtime };
}

function typeOf(stats: Stats): EntryType {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  return stats.isSymbolicLink() ? 'symlink' : 'other';
}

const linkError = (path: string): WorkspaceError =>
  new WorkspaceError('symbolic_link', `${shown(path)} is a symbolic link, and none is followed.`);

/** A second name may be outside, where whoever made the link may not read. */
function checkReadable(stats: Stats, path: string): void {
  if (stats.isDirectory()) throw new WorkspaceError('is_directory', `${shown(path)} is a folder.`);
  if (stats.isSymbolicLink()) throw linkError(path);
  if (!stats.isFile()) throw new WorkspaceError('special_file', `${shown(path)} is no regular file.`);
  if (stats.nlink > 1) {
    const reason = 'has several names (hard links), of which one may be outside the workspace; read a copy of it';
    throw new WorkspaceError('hard_link', `${shown(path)} ${reason}.`);
  }
}

/** Where names are looked up in an opened folder itself. Without such a place its path has to do, and swapping its parents is not noticed. */
async function baseOf(handle: FileHandle, location: string): Promise<string> {
  if (process.platform === 'linux') return `/proc/self/fd/${handle.fd}`;
  if (process.platform !== 'darwin') return location;
  const { dev, ino } = await handle.stat({ bigint: true });
  const byNumber = `/.vol/${dev}/${ino}`;
  const found = await lstat(byNumber, { bigint: true }).catch(() => undefined);
  return found?.ino === ino && found.dev === dev ? byNumber : location;
}
