import { codingsOf, readBounded } from './decoded-body.js';
import type { Destination } from './destination.rules.js';
import type { Headers } from './headers.rules.js';
import { clientTo, joined } from './pinned-client.js';
import { type Hop, redirectOf } from './redirects.rules.js';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
  readonly isTruncated: boolean;
  /** Where to go on instead; its body was not read then. */
  readonly location: string | undefined;
}

interface ExchangeLimits {
  readonly maxBytes: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly followsRedirects: boolean;
}

const DEFAULT_HEADERS: Headers = { accept: '*/*', 'accept-encoding': 'gzip, br', 'user-agent': 'nyx' };

/** One request and its answer. */
export async function exchange(
  hop: Hop,
  destination: Destination,
  addresses: readonly string[],
  limits: ExchangeLimits,
): Promise<Answer> {
  const { url } = destination;
  const client = clientTo(destination, addresses, limits.timeoutMs);
  try {
    const answer = await client.request({
      method: hop.method,
      path: `${url.pathname}${url.search}`,
      headers: { ...DEFAULT_HEADERS, ...hop.headers },
      body: hop.body,
      reset: true,
      signal: limits.signal,
    });
    // What is destroyed before it is read says so once more.
    answer.body.on('error', () => undefined);
    const status = answer.statusCode;
    const headers = joined(answer.headers);
    const location = limits.followsRedirects ? redirectOf(status, headers) : undefined;
    if (location !== undefined) return { status, headers, body: new Uint8Array(), isTruncated: false, location };
    const isEmpty = hop.method === 'HEAD' || status === 204 || status === 304;
    const codings = isEmpty ? [] : codingsOf(headers['content-encoding']);
    const { bytes, isTruncated } = await readBounded(answer.body, codings ?? [], limits.maxBytes);
    const isDecoded = codings !== undefined && codings.length > 0;
    return { status, headers: isDecoded ? decodedHeaders(headers) : headers, body: bytes, isTruncated, location };
  } finally {
    await client.destroy();
  }
}

/** They are about what came, not about what is handed on. */
const decodedHeaders = ({ 'content-encoding': _coding, 'content-length': _length, ...headers }: Headers): Headers =>
  headers;
