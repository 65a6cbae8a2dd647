import { type FileOperation, succeeded } from './file-operation.js';
import { kindOf, SAMPLE_BYTES } from './encodings.rules.js';
import { listed, listEntries } from './entry-listing.js';
import { languageOf } from './languages.rules.js';
import { Tree } from './tree.js';
import type { ToolContext } from '../../tool.js';

export const getFileStats: FileOperation = {
  risk: 'read',
  isRepeatable: true,
  needs: ['path'],
  async run({ path = '' }, context) {
    const entry = await context.workspace.stat(path);
    const more =
      entry.type === 'file'
        ? await fileStats(path, context)
        : entry.type === 'directory'
          ? await folderStats(path, context)
          : {};
    return succeeded({ ...listed(entry), name: entry.name, ...more });
  },
};

async function fileStats(path: string, { workspace }: ToolContext): Promise<Record<string, unknown>> {
  const file = await workspace.openFile(path);
  try {
    const buffer = Buffer.alloc(Math.min(SAMPLE_BYTES, file.sizeBytes));
    const { bytesRead } = await file.handle.read(buffer, 0, buffer.length, 0);
    const kind = kindOf(buffer.subarray(0, bytesRead), bytesRead === file.sizeBytes);
    if (kind.isBinary) return { is_binary: true, media_type: kind.mediaType };
    return { is_binary: false, encoding: kind.encoding, language: languageOf(file.path) ?? null };
  } finally {
    await file.handle.close();
  }
}

async function folderStats(path: string, context: ToolContext): Promise<Record<string, unknown>> {
  const tree = new Tree(path, context, { maxDepth: 1, withIgnored: true });
  const { entries, truncated } = await listEntries(tree, () => true);
  return { entries: entries.length, has_more_entries: truncated !== undefined };
}
