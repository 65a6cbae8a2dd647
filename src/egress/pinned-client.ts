import { buildConnector, Client } from 'undici';
import type { Destination } from './destination.rules.js';
import type { Headers } from './headers.rules.js';
import { answerWith } from './pinned-addresses.js';

const MAX_HEADER_BYTES = 32_768;
/** Per address, before the next one is tried. */
const ADDRESS_TIMEOUT_MS = 2000;

/**
 * A connection of its own to addresses that were checked: no pool, no proxy of the environment, no second resolution. The name stays
 * in Host and in the TLS handshake. Whoever asks says how long an answer may take.
 */
export const clientTo = ({ url }: Destination, addresses: readonly string[], connectTimeoutMs: number): Client =>
  new Client(url.origin, {
    connect: buildConnector({
      lookup: answerWith(addresses),
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: ADDRESS_TIMEOUT_MS,
      rejectUnauthorized: true,
      timeout: connectTimeoutMs,
    }),
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: 0,
    bodyTimeout: 0,
  });

/** What was given more than once is joined by commas. */
export const joined = (headers: Readonly<Record<string, string | string[] | undefined>>): Headers =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value = '']) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );
