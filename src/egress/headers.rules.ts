import { EgressRefused } from './egress.types.js';

/** They are about one connection and end with it (RFC 9110, 7.6.1). */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'expect',
]);
/** Said by whoever sends, never by whoever asks for it to be sent. */
const OURS = new Set(['host', 'content-length']);
/** What may also be told to another party than the one it was meant for; any other header can be a credential. */
const OPEN_TO_ALL = new Set(['accept', 'accept-encoding', 'accept-language', 'user-agent']);

const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/;
/** Visible characters, space and tab: no line end can begin another header. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const MAX_HEADERS = 64;
const MAX_HEADER_BYTES = 16_384;

const isOfConnection = (name: string): boolean => HOP_BY_HOP.has(name) || name.startsWith('proxy-');

export type Headers = Readonly<Record<string, string>>;

/**
 * Names in lower case.
 *
 * @throws EgressRefused `bad_header`
 */
export function requestHeaders(headers: Headers): Headers {
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  if (entries.length > MAX_HEADERS) throw badHeader(`There may be ${MAX_HEADERS} headers.`);
  const length = entries.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  if (length > MAX_HEADER_BYTES) throw badHeader(`The headers may have ${MAX_HEADER_BYTES} bytes.`);
  const seen = new Set<string>();
  for (const [name, value] of entries) {
    if (!NAME.test(name)) throw badHeader('A header has a name that is none.');
    if (!VALUE.test(value)) throw badHeader(`The value of ${name} has characters that no header may have.`);
    if (isOfConnection(name) || OURS.has(name)) throw badHeader(`The header ${name} may not be given.`);
    if (seen.has(name)) throw badHeader(`The header ${name} is given twice.`);
    seen.add(name);
  }
  return Object.fromEntries(entries);
}

export const headersForOthers = (headers: Headers): Headers =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => OPEN_TO_ALL.has(name)));

export const headersWithoutBody = (headers: Headers): Headers =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('content-')));

/**
 * What a proxy passes on: every header but those of the connection it came by, the ones that `Connection` names among them.
 *
 * @param rawHeaders name, value, name, value …
 */
export function endToEndHeaders(rawHeaders: readonly string[]): Record<string, string[]> {
  const pairs = rawHeaders.flatMap((text, at) =>
    at % 2 === 0 ? [[text.toLowerCase(), rawHeaders[at + 1] ?? ''] as const] : [],
  );
  const named = pairs.flatMap(([name, value]) => (name === 'connection' ? value.toLowerCase().split(',') : []));
  const dropped = new Set(named.map((name) => name.trim()));
  const kept = new Map<string, string[]>();
  for (const [name, value] of pairs) {
    if (isOfConnection(name) || dropped.has(name)) continue;
    kept.set(name, [...(kept.get(name) ?? []), value]);
  }
  return Object.fromEntries(kept);
}

const badHeader = (message: string): EgressRefused => new EgressRefused('bad_header', message);
