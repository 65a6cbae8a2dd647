import type { Request } from 'express';
import { invalid, Problem } from '../../http/problem.js';
import { MAX_UPLOAD_BYTES } from './upload.rules.js';

/** @throws Problem PAYLOAD_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, VALIDATION_ERROR before anything is read */
export function checkUpload(request: Request): void {
  if (request.readableDidRead) throw new Error('The body of an upload was read by something else.');
  if (request.headers['content-range'] !== undefined) throw invalid('Content-Range', 'parts of files are not taken');
  if (![undefined, 'identity'].includes(request.headers['content-encoding'])) {
    throw new Problem('UNSUPPORTED_MEDIA_TYPE', 'Send the file as it is, without a content encoding.');
  }
  if (Number(request.headers['content-length'] ?? 0) > MAX_UPLOAD_BYTES) {
    throw new Problem('PAYLOAD_TOO_LARGE', `A file may have at most ${MAX_UPLOAD_BYTES} bytes.`);
  }
}

/** The body as it comes. Whoever stops reading leaves the connection whole, so that the caller hears why; the rest goes nowhere. */
export async function* uploadedBytes(request: Request): AsyncGenerator<Uint8Array> {
  try {
    yield* request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
  } catch (error) {
    if (request.complete) throw error;
    throw new DOMException('The client went away.', 'AbortError');
  } finally {
    request.resume();
  }
}
