import type { ToolContext, ToolResult } from '../../tool.js';
import type { OpenedFile } from '../../workspace/workspace.js';
import { decoderOf, type EncodingName, type FileKind, kindOf, SAMPLE_BYTES } from './encodings.rules.js';
import { CHUNK_BYTES, chunksOf } from './file-chunks.js';
import { failed, type FileOperation, succeeded } from './file-operation.js';
import { LineRange } from './line-range.js';
import { fileTooLarge, MAX_FILE_BYTES } from './limits.js';
import { DEFAULT_LINES, type FileParameters } from './parameters.js';

/** Lines of a text file. Holds what it answers and one chunk of the file. */
export const readFile: FileOperation = {
  risk: 'read',
  isRepeatable: true,
  needs: ['path'],
  async run(parameters, context) {
    const file = await context.workspace.openFile(parameters.path ?? '');
    try {
      if (file.sizeBytes > MAX_FILE_BYTES) return failed(fileTooLarge(file.path));
      const kind = await kindOfFile(file, parameters.encoding);
      return kind.isBinary
        ? binaryAnswer(file, kind.mediaType)
        : await textAnswer(file, kind.encoding, parameters, context);
    } finally {
      await file.handle.close();
    }
  },
};

async function kindOfFile(file: OpenedFile, encoding: EncodingName | undefined): Promise<FileKind> {
  if (encoding !== undefined) return { isBinary: false, encoding };
  const buffer = Buffer.alloc(Math.min(SAMPLE_BYTES, file.sizeBytes));
  const { bytesRead } = await file.handle.read(buffer, 0, buffer.length, 0);
  return kindOf(buffer.subarray(0, bytesRead), bytesRead === file.sizeBytes);
}

const binaryAnswer = (file: OpenedFile, mediaType: string): ToolResult =>
  succeeded(
    { path: file.path, content: null, total_bytes: file.sizeBytes, hint: `It is no text but ${mediaType}.` },
    { is_binary: true, media_type: mediaType, size_bytes: file.sizeBytes },
  );

async function textAnswer(
  file: OpenedFile,
  encoding: EncodingName,
  { start_line: startLine = 1, max_lines: maxLines = DEFAULT_LINES }: FileParameters,
  { signal }: ToolContext,
): Promise<ToolResult> {
  const range = new LineRange(startLine, maxLines);
  const decoder = decoderOf(encoding);
  for await (const chunk of chunksOf(file, Buffer.allocUnsafeSlow(CHUNK_BYTES))) {
    signal.throwIfAborted();
    range.push(decoder.write(chunk));
  }
  range.push(decoder.end());
  range.end();
  if (startLine > Math.max(1, range.totalLines)) {
    return failed(`${JSON.stringify(file.path)} has ${range.totalLines} lines, so there is no line ${startLine}.`);
  }
  return succeeded(
    {
      path: file.path,
      content: range.content,
      start_line: startLine,
      end_line: range.endLine,
      total_lines: range.totalLines,
      total_bytes: file.sizeBytes,
      ...range.continuation,
    },
    { is_binary: false, encoding, ...(range.content.includes('\uFFFD') && { has_undecodable_characters: true }) },
  );
}
