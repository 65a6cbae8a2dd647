import { constants } from 'node:fs';
import { mkdir, open, opendir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { decode } from '../sandbox/captured-output.js';
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
 * What the code left in its folder, when nothing of it runs any more: regular files that are new or not as they were given, or those that
 * are wanted. Links are not followed, whatever they are called.
 */
export async function readResults(
  directory: string,
  given: ReadonlyMap<string, string>,
  wanted: readonly string[] | undefined,
): Promise<readonly CodeFile[]> {
  const results: CodeFile[] = [];
  let left = MAX_ALL_BYTES;
  for (const path of await filesIn(directory)) {
    if (wanted && !wanted.includes(path)) continue;
    const file = await readResult(directory, path, Math.min(MAX_FILE_BYTES, left));
    if (!file || (!wanted && file.content === given.get(path))) continue;
    results.push(file);
    left -= file.content === null ? 0 : Buffer.byteLength(file.content);
    if (results.length === MAX_FILES) break;
  }
  return results;
}

/** Paths in the order of their names. */
async function filesIn(directory: string): Promise<readonly string[]> {
  const found: string[] = [];
  let entries = 0;
  const walk = async (below: string, depth: number): Promise<void> => {
    // A folder that its owner may not read is his own doing.
    const folder = await opendir(join(directory, below)).catch(() => undefined);
    if (!folder) return;
    for await (const entry of folder) {
      if (++entries > MAX_ENTRIES) break;
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isFile()) found.push(path);
      else if (entry.isDirectory() && depth < MAX_DEPTH) await walk(path, depth + 1);
    }
  };
  await walk('', 1);
  return found.sort();
}

async function readResult(directory: string, path: string, maxBytes: number): Promise<CodeFile | undefined> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const handle = await open(join(directory, path), flags).catch(() => undefined);
  if (!handle) return undefined;
  try {
    const { size } = await handle.stat();
    const { bytesRead, buffer } = await handle.read({ buffer: Buffer.alloc(Math.min(size, maxBytes)), position: 0 });
    const isTruncated = size > bytesRead;
    const text = decode(buffer.subarray(0, bytesRead), isTruncated);
    const content = text === undefined || (isTruncated && bytesRead === 0) ? null : text;
    return { path, size_bytes: size, content, is_binary: text === undefined, is_truncated: isTruncated };
  } finally {
    await handle.close();
  }
}
