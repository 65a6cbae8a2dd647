import { encode } from './encodings.rules.js';
import { failed, type FileOperation, succeeded } from './file-operation.js';
import { MAX_FILE_BYTES } from './limits.js';

/** Repeatable: the same text at the same place, whole each time, is there once. */
export const writeFile: FileOperation = {
  risk: 'write',
  isRepeatable: true,
  needs: ['path', 'content'],
  async run({ path = '', content = '', encoding = 'utf-8' }, { workspace }) {
    const bytes = encode(content, encoding);
    if (!bytes) {
      return failed(`The content has characters that ${encoding} does not have; leave the encoding out for utf-8.`);
    }
    const sizeBytes = await workspace.writeFile(path, bytes, { maxBytes: MAX_FILE_BYTES });
    return succeeded({ path, size_bytes: sizeBytes }, { encoding });
  },
};
