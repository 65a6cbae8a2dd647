import { EgressRefused } from './egress.types.js';
import type { EgressRequest } from './egress.types.js';
import { type Headers, headersForOthers, headersWithoutBody } from './headers.rules.js';

/** One request of those that redirects make of one. */
export interface Hop {
  readonly url: string;
  readonly method: EgressRequest['method'];
  readonly headers: Headers;
  readonly body?: Uint8Array | string;
}

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Undefined: it is an answer. A redirect without a place is one too. */
export const redirectOf = (status: number, headers: Headers): string | undefined =>
  REDIRECTS.has(status) ? headers.location : undefined;

/**
 * The next request. A POST becomes a GET by 301 and 302, as everyone does it, and everything but HEAD by 303; 307 and 308 repeat
 * the request. Another party gets neither a body nor headers that may be meant for the first.
 *
 * @throws EgressRefused `bad_url`, `scheme`, `body_across_origins`
 */
export function redirected(hop: Hop, status: number, location: string): Hop {
  const from = new URL(hop.url);
  // Seen before a URL parser drops tabs and line ends and reads \ as /.
  if (/[\p{Cc}\s\\]/u.test(location) || !URL.canParse(location, hop.url)) {
    throw new EgressRefused('bad_url', 'It redirects to what is no URL.');
  }
  const to = new URL(location, from);
  if (from.protocol === 'https:' && to.protocol === 'http:') {
    throw new EgressRefused('scheme', 'It redirects from https to http.');
  }
  const isSame = isSameParty(from, to);
  const becomesGet = status === 303 ? hop.method !== 'HEAD' : status < 303 && hop.method === 'POST';
  const headers = isSame ? hop.headers : headersForOthers(hop.headers);
  if (becomesGet) return { url: to.href, method: 'GET', headers: headersWithoutBody(headers) };
  if (hop.body !== undefined && !isSame) {
    throw new EgressRefused(
      'body_across_origins',
      'It redirects the body to another host, which it was not meant for.',
    );
  }
  return { url: to.href, method: hop.method, headers, body: hop.body };
}

/** The same origin, or the same host become https. */
const isSameParty = (from: URL, to: URL): boolean =>
  from.origin === to.origin ||
  (from.protocol === 'http:' && to.protocol === 'https:' && from.host === to.host && from.port === '');
