import type { OpenedFile } from '../../workspace/workspace.js';

/** Files that are read at once. */
export const FILES_AT_ONCE = 16;
/** Bytes read at once. */
export const CHUNK_BYTES = 65_536;

/** Buffers that files are read into, used again and again. */
export class ChunkBuffers {
  private readonly free: Buffer[] = [];

  take(): Buffer {
    return this.free.pop() ?? Buffer.allocUnsafeSlow(CHUNK_BYTES);
  }

  give(buffer: Buffer): void {
    this.free.push(buffer);
  }
}

/**
 * What is in a file, at most as much as it had when it was opened: one that grows does not go on for ever.
 * @param buffer holds each chunk until the next is asked for
 */
export async function* chunksOf(file: OpenedFile, buffer: Buffer): AsyncGenerator<Buffer> {
  let position = 0;
  while (position < file.sizeBytes) {
    const wanted = Math.min(buffer.length, file.sizeBytes - position);
    const { bytesRead } = await file.handle.read(buffer, 0, wanted, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
