import { buildConnector, Client } from 'undici';
import { codingsOf, readBounded } from './decoded-body.js';
import type { Destination } from './destination.rules.js';
import type { Headers } from './headers.rules.js';
import { answerWith } from './pinned-addresses.js';
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

const MAX_HEADER_BYTES = 32_768;
/** Per address, before the next one is tried. */
const ADDRESS_TIMEOUT_MS = 2000;
const DEFAULT_HEADERS: Headers = { accept: '*/*', 'accept-encoding': 'gzip, br', 'user-agent': 'nyx' };

/**
 * One request and its answer, on a connection of its own to addresses that were checked: no pool, no proxy of the environment, no
 * second resolution. The name stays in Host and in the TLS handshake.
 */
export async function exchange(
  hop: Hop,
  { url }: Destination,
  addresses: readonly string[],
  limits: ExchangeLimits,
): Promise<Answer> {
  const client = new Client(url.origin, {
    connect: buildConnector({
      lookup: answerWith(addresses),
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: ADDRESS_TIMEOUT_MS,
      rejectUnauthorized: true,
      timeout: limits.timeoutMs,
    }),
    maxHeaderSize: MAX_HEADER_BYTES,
    // The limit of the whole holds.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
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

const joined = (headers: Readonly<Record<string, string | string[] | undefined>>): Headers =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value = '']) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );

/** They are about what came, not about what is handed on. */
const decodedHeaders = ({ 'content-encoding': _coding, 'content-length': _length, ...headers }: Headers): Headers =>
  headers;
