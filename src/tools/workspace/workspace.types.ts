import type { FileHandle } from 'node:fs/promises';

export type EntryType = 'file' | 'directory' | 'symlink' | 'other';

export interface WorkspaceEntry {
  /** Relative to the workspace, `/` between its parts, no leading one; the workspace itself is `.`. */
  readonly path: string;
  readonly name: string;
  readonly type: EntryType;
  /** Of files; 0 for everything else. */
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

/** A page of a folder, in the order of names' bytes (so of their code points). */
export interface FolderPage {
  readonly entries: readonly WorkspaceEntry[];
  /** Where the next page begins; undefined on the last one. */
  readonly next: Buffer | undefined;
}
