import type { FileHandle } from 'node:fs/promises';

export type EntryType = 'file' | 'directory' | 'symlink' | 'other';

export interface WorkspaceEntry {
  /** Relative to the workspace, `/` between its parts, no leading one; the workspace itself is `.`. */
  readonly path: string;
  readonly name: string;
  readonly type: EntryType;
  readonly sizeBytes: number;
  readonly modifiedAt: Date;
}

/** A regular file, opened for reading where it was checked. Its user closes it. */
export interface OpenedFile {
  readonly path: string;
  readonly handle: FileHandle;
  readonly sizeBytes: number;
  readonly modifiedAt: Date;
}

export interface WalkedEntry extends WorkspaceEntry {
  /** 1 for what is directly in the folder. */
  readonly depth: number;
  /** Opens the file that was met, not what may stand at its path by now. */
  readonly open: () => Promise<OpenedFile>;
}

export interface WalkOptions {
  /** Levels below the folder; 1 is its own entries only. */
  readonly maxDepth: number;
  /** Whether to go into that folder; default: all but the trash. */
  readonly enter?: (directory: WorkspaceEntry) => boolean;
  readonly signal?: AbortSignal;
}

/** What the workspace says no to. The first five are attempts to get out and are refusals of the tool; the rest are failures. */
export type WorkspaceErrorCode =
  | 'outside_workspace'
  | 'symbolic_link'
  | 'hard_link'
  | 'special_file'
  | 'invalid_path'
  | 'not_found'
  | 'exists'
  | 'is_directory'
  | 'not_directory'
  | 'not_empty'
  | 'too_large'
  | 'no_space'
  | 'not_permitted';

export class WorkspaceError extends Error {
  constructor(
    readonly code: WorkspaceErrorCode,
    /** One sentence that names the path as it was given. */
    message: string,
  ) {
    super(message);
    this.name = 'WorkspaceError';
  }
}

/**
 * A folder that nothing leads out of: the one way to files for everything outside the sandbox. Every method takes paths as they came and
 * works on opened descriptors, so that what was checked is what is used; symbolic links are never followed.
 */
export interface Workspace {
  /** Absolute, for the sandbox to mount. */
  readonly directory: string;
  stat(path: string): Promise<WorkspaceEntry>;
  openFile(path: string): Promise<OpenedFile>;
  /** In the order of names' code points within a folder, a folder before what is in it. */
  walk(path: string, options: WalkOptions): AsyncIterable<WalkedEntry>;
  /** Whole or not at all; parents are made. @returns bytes written */
  writeFile(
    path: string,
    content: Uint8Array | AsyncIterable<Uint8Array>,
    limits: { maxBytes: number },
  ): Promise<number>;
  /** Parents are made; what is there already is fine. */
  makeDirectory(path: string): Promise<void>;
  /** Files, and folders with what is in them. @returns how many files */
  copy(from: string, to: string, limits: { maxBytes: number; maxFiles: number }): Promise<number>;
  move(from: string, to: string): Promise<void>;
  /** Moves it into the trash of the workspace. @returns its path there */
  remove(path: string): Promise<string>;
}
