import { randomUUID } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { Directory, Name } from './directory.js';
import { fileError } from './fs-errors.js';
import { shown, temporaryName, within } from './paths.rules.js';
import { WorkspaceError } from './workspace-error.js';

const FILE_MODE = 0o644;
const PERMISSIONS = 0o777;

export type FileContent = Uint8Array | AsyncIterable<Uint8Array>;

/**
 * Puts a file in place whole: it is written beside its place under a temporary name and renamed when it lasts, so a crash at any moment
 * leaves what was there or what shall be there. What was there keeps its permissions; its other names (hard links) keep its content.
 * @returns bytes written
 * @throws WorkspaceError is_directory, symbolic_link, special_file, too_large, no_space, not_permitted; whatever `content` throws
 */
export async function writeAtomically(
  folder: Directory,
  name: string,
  content: FileContent,
  { maxBytes, mode = FILE_MODE }: { maxBytes: number; mode?: number },
): Promise<number> {
  const path = within(folder.path, name);
  const before = await replaceable(folder, name, path);
  const temporary = temporaryName(randomUUID());
  try {
    const handle = await folder.createFile(temporary, mode);
    try {
      const size = await fill(handle, content, path, maxBytes);
      if (before !== undefined) await onFile(path, () => handle.chmod(before));
      await onFile(path, () => handle.sync());
      await onFile(path, () => handle.close());
      await folder.rename(temporary, folder, name);
      await folder.sync();
      return size;
    } finally {
      await handle.close();
    }
  } catch (error) {
    await folder.removeFile(temporary).catch(() => undefined);
    throw error;
  }
}

/** Writes the content of a new file. @throws WorkspaceError too_large before anything beyond `maxBytes` is written */
export async function fill(handle: FileHandle, content: FileContent, path: string, maxBytes: number): Promise<number> {
  let size = 0;
  for await (const chunk of content instanceof Uint8Array ? [content] : content) {
    size += chunk.byteLength;
    if (size > maxBytes) throw tooLarge(path, maxBytes);
    await onFile(path, () => handle.writeFile(chunk));
  }
  return size;
}

export const tooLarge = (path: string, maxBytes: number): WorkspaceError =>
  new WorkspaceError('too_large', `${shown(path)} would have more than ${maxBytes} bytes.`);

/** @returns permissions of the file that will be replaced; undefined when there is none */
async function replaceable(folder: Directory, name: Name, path: string): Promise<number | undefined> {
  const stats = await folder.statIfThere(name);
  if (stats === undefined) return undefined;
  if (stats.isFile()) return stats.mode & PERMISSIONS;
  if (stats.isDirectory()) throw new WorkspaceError('is_directory', `${shown(path)} is a folder.`);
  if (stats.isSymbolicLink()) {
    throw new WorkspaceError('symbolic_link', `${shown(path)} is a symbolic link, which is not written through.`);
  }
  throw new WorkspaceError('special_file', `${shown(path)} is no regular file.`);
}

async function onFile<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw fileError(error, path);
  }
}
