import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { decode } from '../sandbox/captured-output.js';
import { type WalkedEntry, Workspace, WorkspaceError } from '../workspace/workspace.js';
import { MAX_FILES } from './code-files.rules.js';

const MAX_FILE_BYTES = 256 * 1024;
const MAX_ALL_BYTES = 1024 * 1024;
const MAX_DEPTH = 10;
/** Looked at in all: code may leave as many as it likes. */
const MAX_ENTRIES = 10_000;

/** A file that code left. */
interface CodeFile {
  readonly path: string;
  readonly size_bytes: number;
  /** Null: it is binary, or more than is answered. */
  readonly content: string | null;
  readonly is_binary: boolean;
  readonly is_truncated: boolean;
}

/** @param directory empty, and nobody else's */
export async function writeFiles(directory: string, files: ReadonlyMap<string, string>): Promise<void> {
  for (const [name, content] of files) {
    const path = join(directory, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
}

/**
 * What the code left in its folder: regular files that are new or not as they were given, or those that are wanted. Nothing of it runs any
 * more, but a program in another sandbox may have been handed the folder and change it meanwhile: nothing leads out of it all the same.
 */
export async function readResults(
  directory: string,
  given: ReadonlyMap<string, string>,
  wanted: readonly string[] | undefined,
): Promise<readonly CodeFile[]> {
  const results: CodeFile[] = [];
  let left = MAX_ALL_BYTES;
  let entries = 0;
  try {
    const folder = await Workspace.open(directory);
    for await (const entry of folder.walk('.', { maxDepth: MAX_DEPTH, enter: () => true })) {
      if (++entries > MAX_ENTRIES) break;
      if (entry.type !== 'file' || (wanted && !wanted.includes(entry.path))) continue;
      const file = await readResult(entry, Math.min(MAX_FILE_BYTES, left));
      if (!file || (!wanted && file.content === given.get(file.path))) continue;
      results.push(file);
      left -= file.content === null ? 0 : Buffer.byteLength(file.content);
      if (results.length === MAX_FILES) break;
    }
  } catch (error) {
    // A folder that its owner may not read is his own doing.
    if (!(error instanceof WorkspaceError)) throw error;
  }
  return results;
}

async function readResult(entry: WalkedEntry, maxBytes: number): Promise<CodeFile | undefined> {
  const { path } = entry;
  const opened = await entry.open().catch(() => undefined);
  if (!opened) return undefined;
  const { handle, sizeBytes: size } = opened;
  try {
    const { bytesRead, buffer } = await handle.read({ buffer: Buffer.alloc(Math.min(size, maxBytes)), position: 0 });
    const isTruncated = size > bytesRead;
    const text = decode(buffer.subarray(0, bytesRead), isTruncated);
    const content = text === undefined || (isTruncated && bytesRead === 0) ? null : text;
    return { path, size_bytes: size, content, is_binary: text === undefined, is_truncated: isTruncated };
  } finally {
    await handle.close();
  }
}
