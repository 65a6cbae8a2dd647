import type { WorkspaceEntry } from '../../workspace/workspace.js';
import { answerBytes, MAX_ANSWER_BYTES, MAX_ENTRIES } from './limits.js';
import type { Tree } from './tree.js';

export interface ListedEntry {
  readonly path: string;
  readonly type: WorkspaceEntry['type'];
  readonly size_bytes: number;
  readonly modified_at: string;
}

/** Why something is left out of an answer, and what to do about it. */
export type Truncation = 'entries' | 'bytes' | 'time';

export const listed = ({ path, type, sizeBytes, modifiedAt }: WorkspaceEntry): ListedEntry => ({
  path,
  type,
  size_bytes: sizeBytes,
  modified_at: modifiedAt.toISOString(),
});

/** Entries of an answer, as many as there may be. */
export async function listEntries(
  tree: Tree,
  isWanted: (entry: WorkspaceEntry) => boolean,
): Promise<{ entries: ListedEntry[]; truncated?: Truncation }> {
  const entries: ListedEntry[] = [];
  let bytes = 0;
  for await (const entry of tree) {
    if (!isWanted(entry)) continue;
    const next = listed(entry);
    bytes += answerBytes(next) + 1;
    if (entries.length === MAX_ENTRIES) return { entries, truncated: 'entries' };
    if (bytes > MAX_ANSWER_BYTES) return { entries, truncated: 'bytes' };
    entries.push(next);
  }
  return tree.isCutShort ? { entries, truncated: 'time' } : { entries };
}

const REASONS: Readonly<Record<Truncation, string>> = {
  entries: `There is more than the ${MAX_ENTRIES} that are told`,
  bytes: 'There is more than fits into an answer',
  time: 'There was no time for all of it',
};

/** What an answer says of being left incomplete. */
export const truncation = (reason: Truncation | undefined): { truncated: boolean; hint?: string } =>
  reason === undefined
    ? { truncated: false }
    : { truncated: true, hint: `${REASONS[reason]}: look into a folder of it, or for less.` };
