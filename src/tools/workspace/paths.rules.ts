import { cutTo } from '../../database/cut.rules.js';
import { WorkspaceError } from './workspace-error.js';

/** Bytes of UTF-8, as the kernel has them. */
export const MAX_NAME_BYTES = 255;
export const MAX_PATH_BYTES = 4096;
/** Folders in folders. Walking holds one descriptor a level. */
export const MAX_LEVELS = 128;

/** The folder of what was removed, at the top of the workspace. */
export const TRASH = '.trash';

/** Names of files and folders that are being written. They are never listed, never taken as a path, and swept when old. */
const TEMPORARY = /^\.nyx-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.tmp$/;

export const temporaryName = (uuid: string): string => `.nyx-${uuid}.tmp`;

export const isTemporaryName = (name: string): boolean => TEMPORARY.test(name);

/** What no name that is made here may have: shells, terminals and other systems would take it for something else. */
const UNWELCOME = /[\p{Cc}\\]/u;

/**
 * The names that a path from outside leads through; none for the workspace itself.
 *
 * Relative only. `.` and empty parts (`a//b`, a slash at the end) mean nothing, `..` takes back the name before it, which is exact because
 * no link is ever followed, and may not leave. Everything else is a name and no more: `~`, `%2e%2e`, `-rf`. Backslashes and control
 * characters are part of names that exist already; `newNames` refuses to make them.
 * @throws WorkspaceError invalid_path, outside_workspace
 */
export function parsePath(path: string): string[] {
  if (path === '') throw new WorkspaceError('invalid_path', 'The path is empty; the workspace itself is ".".');
  if (path.includes('\0') || !path.isWellFormed()) {
    throw new WorkspaceError('invalid_path', 'The path has a character that no name can have.');
  }
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) {
    throw new WorkspaceError('invalid_path', `The path has more than ${MAX_PATH_BYTES} bytes.`);
  }
  if (path.startsWith('/')) throw outside(path);
  const names: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') names.push(part);
    else if (names.pop() === undefined) throw outside(path);
  }
  checkNames(path, names);
  return names;
}

/** Like `parsePath`, for what is to be made. @throws WorkspaceError invalid_path, outside_workspace */
export function newNames(path: string): string[] {
  const names = parsePath(path);
  if (names.some((name) => UNWELCOME.test(name))) {
    const reason = 'New names have no backslash and no control character; "/" stands between folders';
    throw new WorkspaceError('invalid_path', `${reason}: ${shown(path)}.`);
  }
  return names;
}

/** Like `newNames`, for a file: a path that ends like a folder's is none. @throws WorkspaceError also is_directory */
export function newFileNames(path: string): string[] {
  const names = newNames(path);
  if (names.length === 0 || /(^|\/)\.{0,2}$/.test(path)) {
    throw new WorkspaceError('is_directory', `${shown(path)} is the path of a folder.`);
  }
  return names;
}

export const pathOf = (names: readonly string[]): string => (names.length === 0 ? '.' : names.join('/'));

/** The path of `name` in the folder at `path`. */
export const within = (path: string, name: string): string => (path === '.' ? name : `${path}/${name}`);

export const isInTrash = (names: readonly string[]): boolean => names[0] === TRASH;

/** Whether `inner` is `outer` or in it. */
export const isWithin = (inner: readonly string[], outer: readonly string[]): boolean =>
  outer.every((name, index) => inner[index] === name);

const SHOWN_CHARACTERS = 200;

/** A path for a message: quoted, without control characters, not endless. */
export const shown = (path: string): string =>
  JSON.stringify(path.length <= SHOWN_CHARACTERS ? path : `${cutTo(path, SHOWN_CHARACTERS)}…`);

function checkNames(path: string, names: readonly string[]): void {
  if (names.length > MAX_LEVELS) {
    throw new WorkspaceError('invalid_path', `The path leads through more than ${MAX_LEVELS} folders.`);
  }
  for (const name of names) {
    if (Buffer.byteLength(name) > MAX_NAME_BYTES) {
      throw new WorkspaceError('invalid_path', `A name in the path has more than ${MAX_NAME_BYTES} bytes.`);
    }
    if (isTemporaryName(name)) {
      throw new WorkspaceError('invalid_path', `${shown(path)} has a name that is kept for files being written.`);
    }
  }
}

const outside = (path: string): WorkspaceError =>
  new WorkspaceError('outside_workspace', `${shown(path)} leads out of the workspace; paths are relative to it.`);
