import type { Readable } from 'node:stream';
import type { CapturedOutput } from './sandbox.types.js';

const UTF8_LONGEST = 4;
const FIRST_BYTES = 4096;

/** Keeps the beginning of a stream and counts the rest. Reads on, so that nobody waits for it. */
export class OutputCapture {
  /** Copied as it comes: what is written byte by byte would otherwise be kept as a million buffers. */
  private bytes = Buffer.alloc(0);
  private keptBytes = 0;
  private totalBytes = 0;

  constructor(
    stream: Readable,
    private readonly limitBytes: number,
    /** Called with the bytes so far, with each chunk. */
    onBytes: (totalBytes: number) => void,
  ) {
    stream.on('data', (chunk: Buffer) => {
      this.take(chunk);
      onBytes(this.totalBytes);
    });
  }

  private take(chunk: Buffer): void {
    this.totalBytes += chunk.length;
    const kept = chunk.subarray(0, this.limitBytes - this.keptBytes);
    const needed = this.keptBytes + kept.length;
    if (needed > this.bytes.length) {
      this.bytes = Buffer.concat([this.bytes], Math.min(this.limitBytes, Math.max(FIRST_BYTES, 2 * needed)));
    }
    kept.copy(this.bytes, this.keptBytes);
    this.keptBytes = needed;
  }

  result(): CapturedOutput {
    const isTruncated = this.totalBytes > this.keptBytes;
    const text = decode(this.bytes.subarray(0, this.keptBytes), isTruncated);
    return { text: text ?? '', totalBytes: this.totalBytes, isTruncated, isBinary: text === undefined };
  }
}

/** @returns undefined for what is no text: no UTF-8, or with NULs. A character that was cut at the end is left out. */
export function decode(bytes: Buffer, isCut: boolean): string | undefined {
  if (bytes.includes(0)) return undefined;
  for (let cut = 0; cut < (isCut ? UTF8_LONGEST : 1); cut++) {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(0, bytes.length - cut));
    } catch {
      // One byte less may be whole characters.
    }
  }
  return undefined;
}
