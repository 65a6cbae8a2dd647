import { type Directory, entryOf, nameOf, textOf } from './directory.js';
import { within } from './paths.rules.js';
import type { FolderPage } from './workspace.types.js';

/** The first `limit` entries after `after`, however many there are: only as many names as the page has are kept. */
export async function pageOfFolder(folder: Directory, limit: number, after: Buffer | undefined): Promise<FolderPage> {
  const kept: Buffer[] = [];
  for await (const name of folder.names()) {
    if (after !== undefined && Buffer.compare(name, after) <= 0) continue;
    insert(kept, name, limit + 1);
  }
  const shownNames = kept.slice(0, limit);
  const entries = await Promise.all(
    shownNames.map(async (bytes) => {
      const given = nameOf(bytes);
      const stats = await folder.statIfPossible(given);
      return stats && entryOf(within(folder.path, textOf(given)), textOf(given), stats);
    }),
  );
  return {
    entries: entries.filter((entry) => entry !== undefined),
    next: kept.length > limit ? shownNames.at(-1) : undefined,
  };
}

/** Keeps the `size` least, in order. */
function insert(sorted: Buffer[], name: Buffer, size: number): void {
  const last = sorted.at(-1);
  if (sorted.length >= size && last !== undefined && Buffer.compare(name, last) >= 0) return;
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (Buffer.compare(sorted[middle] ?? name, name) < 0) low = middle + 1;
    else high = middle;
  }
  sorted.splice(low, 0, name);
  if (sorted.length > size) sorted.pop();
}
