import type { Stats } from 'node:fs';
import { readlink, symlink } from 'node:fs/promises';
import { fill, tooLarge, writeAtomically } from './atomic-write.js';
import { type Directory, type Name, nameOf, textOf } from './directory.js';
import { fileError } from './fs-errors.js';
import { MAX_LEVELS, shown, within } from './paths.rules.js';
import { WorkspaceError } from './workspace-error.js';
import type { OpenedFile } from './workspace.types.js';

const CHUNK_BYTES = 256 * 1024;
const PERMISSIONS = 0o777;
const OWNER_MAY_ALL = 0o700;

export interface CopyLimits {
  /** Of all files together, as they are read. */
  readonly maxBytes: number;
  /** Of files, folders and links together. */
  readonly maxFiles: number;
}

/** One copy under way: what it may still read and make. */
export class TreeCopy {
  private bytes = 0;
  private entries = 0;
  private files = 0;

  constructor(private readonly limits: CopyLimits) {}

  get fileCount(): number {
    return this.files;
  }

  /** A file, put in place whole. @throws WorkspaceError hard_link, too_large, … */
  async copyFile(from: Directory, name: string, to: Directory, newName: string, mode: number): Promise<void> {
    this.count(within(from.path, name));
    const file = await from.openFile(name);
    try {
      this.checkSize(file);
      await writeAtomically(to, newName, this.contentOf(file), { maxBytes: this.limits.maxBytes, mode });
      this.files += 1;
    } finally {
      await file.handle.close();
    }
  }

  /**
   * What is in a folder, into one that exists already, and that nobody looks at before it is whole. Links are made again as they are and not
   * followed.
   */
  async copyInside(from: Directory, to: Directory, level = 1): Promise<void> {
    if (level > MAX_LEVELS) throw this.tooMany(from.path, `is deeper than ${MAX_LEVELS} folders`);
    for await (const bytes of from.names()) {
      const name = nameOf(bytes);
      const path = within(from.path, textOf(name));
      this.count(path);
      const stats = await from.statIfThere(name);
      if (stats?.isDirectory()) await this.copyFolder(from, name, to, stats, level);
      else if (stats?.isSymbolicLink()) await copyLink(from, name, to);
      else if (stats) await this.copyInto(from, name, to, stats);
    }
  }

  private async copyFolder(from: Directory, name: Name, to: Directory, stats: Stats, level: number): Promise<void> {
    await to.makeDirectory(name, (stats.mode & PERMISSIONS) | OWNER_MAY_ALL);
    const source = await from.openDirectory(name);
    await source.use(async () => {
      const target = await to.openDirectory(name);
      await target.use(() => this.copyInside(source, target, level + 1));
    });
  }

  private async copyInto(from: Directory, name: Name, to: Directory, stats: Stats): Promise<void> {
    const file = await from.openFile(name);
    try {
      this.checkSize(file);
      const handle = await to.createFile(name, stats.mode & PERMISSIONS);
      try {
        await fill(handle, this.contentOf(file), file.path, this.limits.maxBytes);
      } finally {
        await handle.close();
      }
      this.files += 1;
    } finally {
      await file.handle.close();
    }
  }

  /** Ends at the limit also when the file never ends. */
  private async *contentOf({ handle, path }: OpenedFile): AsyncGenerator<Uint8Array> {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    for (;;) {
      let bytesRead: number;
      try {
        ({ bytesRead } = await handle.read(buffer, 0, CHUNK_BYTES, null));
      } catch (error) {
        throw fileError(error, path);
      }
      if (bytesRead === 0) return;
      this.bytes += bytesRead;
      if (this.bytes > this.limits.maxBytes) throw this.tooMuch(path);
      yield buffer.subarray(0, bytesRead);
    }
  }

  private checkSize({ sizeBytes, path }: OpenedFile): void {
    if (this.bytes + sizeBytes > this.limits.maxBytes) throw this.tooMuch(path);
  }

  private count(path: string): void {
    this.entries += 1;
    if (this.entries > this.limits.maxFiles) {
      throw this.tooMany(path, `is one of more than ${this.limits.maxFiles} files and folders`);
    }
  }

  private tooMuch(path: string): WorkspaceError {
    return tooLarge(path, this.limits.maxBytes);
  }

  private tooMany(path: string, reason: string): WorkspaceError {
    return new WorkspaceError('too_large', `${shown(path)} ${reason}, which is too much to copy.`);
  }
}

async function copyLink(from: Directory, name: Name, to: Directory): Promise<void> {
  const target = await from.at(name, (location) => readlink(location, { encoding: 'buffer' }));
  await to.at(name, (location) => symlink(target, location));
}
