import { EgressFailed, EgressRefused } from './egress.types.js';

const NO_HTTP = 'no HTTP';

const SENTENCES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'It does not accept connections.',
  ECONNRESET: 'The connection was cut.',
  EPIPE: 'The connection was cut.',
  EHOSTUNREACH: 'It cannot be reached.',
  ENETUNREACH: 'It cannot be reached.',
  ETIMEDOUT: 'It cannot be reached.',
  UND_ERR_CONNECT_TIMEOUT: 'It cannot be reached.',
  UND_ERR_SOCKET: 'The connection was cut.',
  UND_ERR_HEADERS_OVERFLOW: 'The headers of its answer are too large.',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'The connection was cut.',
  [NO_HTTP]: 'It does not speak HTTP.',
  CERT_HAS_EXPIRED: 'Its certificate has expired.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'Its certificate is for another name.',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'Nobody trusted vouches for its certificate.',
  SELF_SIGNED_CERT_IN_CHAIN: 'Nobody trusted vouches for its certificate.',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'Nobody trusted vouches for its certificate.',
};

/** @param host where the request went last */
export function failureOf(error: unknown, host: string): EgressFailed | EgressRefused {
  if (error instanceof EgressFailed || error instanceof EgressRefused) return error;
  return new EgressFailed(`${host} brought no answer. ${sentenceFor(codeOf(error))}`.trim(), { cause: error });
}

function sentenceFor(code: string): string {
  const known = SENTENCES[code];
  if (known !== undefined) return known;
  if (code.startsWith('Z_') || code.startsWith('ERR__ERROR_') || code.startsWith('ERR_PADDING'))
    return 'Its body is broken.';
  if (code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS') || code === 'EPROTO')
    return 'No secure connection was made.';
  return '';
}

/** Of several addresses that were tried the first says enough. */
function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  if ('errors' in error && Array.isArray(error.errors) && error.errors.length > 0) return codeOf(error.errors[0]);
  // undici's has no code, or one for each way to be wrong.
  if ('name' in error && error.name === 'HTTPParserError') return NO_HTTP;
  if ('code' in error && typeof error.code === 'string') return error.code;
  return 'cause' in error ? codeOf(error.cause) : '';
}
