import { isIP } from 'node:net';
import { type AllowedHosts, EgressRefused } from './egress.types.js';

/** Where something may be sent, as far as its URL tells; what its name resolves to is still to be checked. */
export interface Destination {
  /** Normalised: the name in lower-case ASCII without a trailing dot, an address in its one usual notation, no fragment. */
  readonly url: URL;
  /** A name, or an address without brackets. */
  readonly host: string;
  readonly port: number;
  /** The list names it, so that it may have an address that is not public but excepted; `*` stands for public hosts only. */
  readonly isNamed: boolean;
}

const MAX_URL_LENGTH = 8192;
const HOST_NAME = /^(?=.{1,253}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$/;
const AUTHORITY = /^https?:\/\/([^/?#]*)/i;
const ENTRY = /^(\[[^\]]+\]|[^:[\]]+)(?::(\d{1,5}))?$/;
const USUAL_PORTS = [80, 443];

/** @throws EgressRefused `bad_url`, `scheme`, `user_info`, `host_not_allowed`, `port` */
export function destinationOf(address: string, allowedHosts: AllowedHosts): Destination {
  const url = parse(address);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new EgressRefused('scheme', 'Only http and https URLs can be reached.');
  }
  const authority = AUTHORITY.exec(address)?.[1];
  if (authority === undefined || authority === '') throw badUrl();
  if (authority.includes('@') || url.username !== '' || url.password !== '') {
    throw new EgressRefused('user_info', 'A URL may not carry a user name or a password.');
  }
  const host = hostOf(url);
  if (isIP(host) === 0 && !HOST_NAME.test(host)) throw badUrl();
  url.hash = '';
  if (isIP(host) === 0) url.hostname = host;
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  return { url, host, port, isNamed: isNamedAmong(allowedHosts, host, port) };
}

/** What a proxy is asked to connect to, as `example.com:443`. @throws EgressRefused as above */
export function tunnelDestinationOf(authority: string, allowedHosts: AllowedHosts): Destination {
  if (!/^[^/?#]+:\d{1,5}$/.test(authority)) throw badUrl();
  return destinationOf(`https://${authority}/`, allowedHosts);
}

/** For messages and logs: no path and no query. */
export const placeOf = ({ host, port }: Destination): string =>
  isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;

function parse(address: string): URL {
  // A URL parser drops tabs and line ends and reads \ as /: what it says then is not what others read.
  if (address.length > MAX_URL_LENGTH || /[\p{Cc}\s\\]/u.test(address)) throw badUrl();
  try {
    return new URL(address);
  } catch {
    throw badUrl();
  }
}

const hostOf = (url: URL): string => url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');

const badUrl = (): EgressRefused => new EgressRefused('bad_url', 'This is no URL of a host.');

/** @throws EgressRefused `host_not_allowed`, `port` */
function isNamedAmong(allowedHosts: AllowedHosts, host: string, port: number): boolean {
  const matching = allowedHosts.map(entryOf).filter((entry) => entry?.matches(host) === true);
  if (matching.length === 0) throw new EgressRefused('host_not_allowed', `${host} is not among the allowed hosts.`);
  const open = matching.filter((entry) => entry?.ports.includes(port) === true);
  if (open.length === 0) throw new EgressRefused('port', `Port ${port} of ${host} is not among the allowed hosts.`);
  return open.some((entry) => entry?.isEvery === false);
}

interface Entry {
  readonly ports: readonly number[];
  /** It is `*`. */
  readonly isEvery: boolean;
  matches(host: string): boolean;
}

/** Undefined: it is none and matches nothing. */
function entryOf(text: string): Entry | undefined {
  const [, pattern, port] = ENTRY.exec(text) ?? [];
  if (pattern === undefined) return undefined;
  const ports = port === undefined ? USUAL_PORTS : [Number(port)];
  if (pattern === '*') return { ports, isEvery: true, matches: () => true };
  const isBelow = pattern.startsWith('*.');
  const address = `http://${isBelow ? pattern.slice(2) : pattern}/`;
  if (!URL.canParse(address)) return undefined;
  const host = hostOf(new URL(address));
  const matches = isBelow
    ? (other: string): boolean => isIP(other) === 0 && other.endsWith(`.${host}`)
    : (other: string): boolean => other === host;
  return { ports, isEvery: false, matches };
}
