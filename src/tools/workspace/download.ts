import { Readable } from 'node:stream';
import { StreamableFile } from '@nestjs/common';
import type { Request, Response } from 'express';
import { attachment, contentTypeOf, SNIFFED_BYTES } from './download.rules.js';
import type { OpenedFile } from './workspace.js';

interface Range {
  readonly start: number;
  /** The last byte. */
  readonly end: number;
}

/**
 * As many bytes as the file had when it was opened, however it grows; a file that shrinks meanwhile breaks the answer off. One range is
 * served; whoever asks for several, or for one that is not there, gets the whole file. Closes the file when it is sent or nobody reads on.
 */
export async function download(file: OpenedFile, response: Response): Promise<StreamableFile> {
  const { handle, sizeBytes } = file;
  try {
    const first = Buffer.alloc(SNIFFED_BYTES);
    const { bytesRead } = await handle.read(first, 0, SNIFFED_BYTES, 0);
    const range = rangeOf(response.req, sizeBytes);
    if (range) response.status(206).set('Content-Range', `bytes ${range.start}-${range.end}/${sizeBytes}`);
    response.set({ 'Accept-Ranges': 'bytes', 'Last-Modified': file.modifiedAt.toUTCString() });
    const { start, end } = range ?? { start: 0, end: sizeBytes - 1 };
    return new StreamableFile(await contentOf(file, { start, end }, response), {
      type: contentTypeOf(first.subarray(0, bytesRead)),
      disposition: attachment(file.path.split('/').at(-1) ?? ''),
      length: end - start + 1,
    });
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function rangeOf(request: Request, sizeBytes: number): Range | undefined {
  // Without validators there is no way to say that it is still the file the range is of.
  if (request.headers['if-range'] !== undefined) return undefined;
  const ranges = request.range(sizeBytes);
  if (!Array.isArray(ranges) || ranges.type !== 'bytes' || ranges.length !== 1) return undefined;
  return ranges[0];
}

async function contentOf({ handle }: OpenedFile, { start, end }: Range, response: Response): Promise<Readable> {
  if (end < start) {
    await handle.close();
    return Readable.from([]);
  }
  const content = handle.createReadStream({ start, end });
  content.once('end', () => {
    if (content.bytesRead < end - start + 1) response.destroy();
  });
  return content;
}
