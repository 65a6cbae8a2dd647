import { pipeline, type Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { EgressFailed } from './egress.types.js';

export interface BoundedBody {
  readonly bytes: Uint8Array;
  readonly isTruncated: boolean;
}

const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};
/** Each multiplies what one byte can become. */
const MAX_ENCODINGS = 2;
const FIRST_BYTES = 16_384;

/**
 * The codings to undo, last applied first; undefined when one is not known, so that the body stays as it came.
 *
 * @throws EgressFailed when there are too many
 */
export function codingsOf(contentEncoding: string | undefined): readonly string[] | undefined {
  const codings = (contentEncoding ?? '')
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity')
    .reverse();
  if (codings.length > MAX_ENCODINGS) throw new EgressFailed('The answer is compressed too many times over.');
  return codings.every((coding) => Object.hasOwn(DECODERS, coding)) ? codings : undefined;
}

/** Reads no more than it takes to know that there is more than `maxBytes`, counted after decoding; then the source is destroyed. */
export async function readBounded(
  source: Readable,
  codings: readonly string[],
  maxBytes: number,
): Promise<BoundedBody> {
  // Copied as it comes: a body that arrives byte by byte would otherwise be kept as a million buffers.
  let bytes = Buffer.alloc(Math.min(FIRST_BYTES, maxBytes));
  let size = 0;
  for await (const chunk of decoded(source, codings) as AsyncIterable<Buffer>) {
    const kept = chunk.subarray(0, maxBytes - size);
    if (size + kept.length > bytes.length) {
      bytes = Buffer.concat([bytes], Math.min(maxBytes, 2 * (size + kept.length)));
    }
    kept.copy(bytes, size);
    size += kept.length;
    if (kept.length < chunk.length) return { bytes: bytes.subarray(0, size), isTruncated: true };
  }
  return { bytes: bytes.subarray(0, size), isTruncated: false };
}

function decoded(source: Readable, codings: readonly string[]): Readable {
  return codings.reduce<Readable>((from, coding) => {
    const decoder = DECODERS[coding]?.();
    // Failures reach the reader, who reads the last of them.
    return decoder === undefined ? from : pipeline(from, decoder, () => undefined);
  }, source);
}
