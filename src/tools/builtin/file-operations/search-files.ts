import { listEntries, truncation } from './entry-listing.js';
import { type FileOperation, succeeded } from './file-operation.js';
import { compileGlob, matcherBelow } from './glob.rules.js';
import { MAX_DEPTH } from './limits.js';
import { patternErrors } from './pattern-errors.js';
import { Tree } from './tree.js';

export const searchFiles: FileOperation = {
  risk: 'read',
  isRepeatable: true,
  needs: ['pattern'],
  check: ({ pattern = '' }) => patternErrors('pattern', () => compileGlob(pattern)),
  async run(parameters, context) {
    const { path = '.', pattern = '', recursive = true } = parameters;
    const { max_depth: maxDepth = MAX_DEPTH, include_ignored: withIgnored = false } = parameters;
    const tree = new Tree(path, context, { maxDepth: recursive ? maxDepth : 1, withIgnored });
    const isMatch = matcherBelow(await context.workspace.stat(path), compileGlob(pattern));
    const wantsFolders = pattern.endsWith('/');
    const { entries, truncated } = await listEntries(
      tree,
      (entry) => (!wantsFolders || entry.type === 'directory') && isMatch(entry),
    );
    return succeeded(
      { path, pattern, entries, ...truncation(truncated) },
      { count: entries.length, skipped_ignore_rules: tree.skippedRules },
    );
  },
};
