import { listEntries, truncation } from './entry-listing.js';
import { type FileOperation, succeeded } from './file-operation.js';
import { MAX_DEPTH } from './limits.js';
import { Tree } from './tree.js';

export const listDirectory: FileOperation = {
  risk: 'read',
  isRepeatable: true,
  needs: [],
  async run({ path = '.', recursive = false, max_depth: maxDepth = MAX_DEPTH }, context) {
    const tree = new Tree(path, context, { maxDepth: recursive ? maxDepth : 1, withIgnored: true });
    const { entries, truncated } = await listEntries(tree, () => true);
    return succeeded({ path, entries, ...truncation(truncated) }, { count: entries.length });
  },
};
