import type { ToolContext } from '../../tool.js';
import { failed, type FileOperation, succeeded } from './file-operation.js';
import { MAX_ENTRIES, MAX_FILE_BYTES } from './limits.js';

/** Twice is once: a folder that is there already is fine. */
export const createDirectory: FileOperation = {
  risk: 'write',
  isRepeatable: true,
  needs: ['path'],
  async run({ path = '' }, { workspace }) {
    await workspace.makeDirectory(path);
    return succeeded({ path, created: true });
  },
};

/** Not repeatable: a second time it finds its own copy in the way, and says that it failed. */
export const copyFile: FileOperation = {
  risk: 'write',
  isRepeatable: false,
  needs: ['path', 'destination'],
  async run({ path = '', destination = '' }, { workspace }) {
    const limits = { maxBytes: MAX_FILE_BYTES, maxFiles: MAX_ENTRIES };
    const files = await workspace.copy(path, destination, limits);
    return succeeded({ path, destination, files });
  },
};

/** Not repeatable: a second time what is to be moved is gone, or is something else that came there since. */
export const moveFile: FileOperation = {
  risk: 'write',
  isRepeatable: false,
  needs: ['path', 'destination'],
  async run({ path = '', destination = '' }, { workspace }) {
    await workspace.move(path, destination);
    return succeeded({ path, destination });
  },
};

/** Not repeatable: a second time it would delete what was made there since. */
export const deleteFile: FileOperation = {
  risk: 'write',
  isRepeatable: false,
  needs: ['path'],
  async run({ path = '', recursive = false }, context) {
    if (!recursive && (await isFolderWithContent(path, context))) {
      return failed(
        `${JSON.stringify(path)} is a folder that is not empty; to delete it with what is in it, give recursive true.`,
      );
    }
    const trashPath = await context.workspace.remove(path);
    return succeeded({ path, trash_path: trashPath });
  },
};

async function isFolderWithContent(path: string, { workspace, signal }: ToolContext): Promise<boolean> {
  const { type } = await workspace.stat(path);
  if (type !== 'directory') return false;
  const { done } = await firstOf(workspace.walk(path, { maxDepth: 1, signal }));
  return done !== true;
}

async function firstOf<Item>(items: AsyncIterable<Item>): Promise<IteratorResult<Item, unknown>> {
  const iterator = items[Symbol.asyncIterator]();
  try {
    return await iterator.next();
  } finally {
    await iterator.return?.();
  }
}
