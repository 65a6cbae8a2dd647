import { type Directory, nameOf, textOf } from './directory.js';
import { isTemporaryName, MAX_LEVELS } from './paths.rules.js';
import { removeTree } from './tree-removal.js';

/** A write that is under way touches its file all the time; what nobody touched for an hour was left by a crash. */
const TEMPORARY_LIVES_MS = 3_600_000;

/** Removes what crashed writes and copies left in a folder and below. What cannot be entered is left alone. */
export async function sweepTemporaries(folder: Directory, now: Date, signal?: AbortSignal, level = 1): Promise<void> {
  for await (const bytes of folder.names({ withTemporary: true })) {
    signal?.throwIfAborted();
    const name = nameOf(bytes);
    const stats = await folder.statIfPossible(name);
    if (stats === undefined) continue;
    if (isTemporaryName(textOf(name))) {
      if (now.getTime() - stats.mtimeMs > TEMPORARY_LIVES_MS) await removeTree(folder, name, signal);
    } else if (stats.isDirectory() && level < MAX_LEVELS) {
      const inner = await folder.openDirectoryIfPossible(name);
      await inner?.use(() => sweepTemporaries(inner, now, signal, level + 1));
    }
  }
}
