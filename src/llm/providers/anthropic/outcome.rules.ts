import type { Charge } from '../provider.js';

/** Errors of a connection that was never made, so that the request cannot have arrived. */
const NEVER_CONNECTED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** Statuses with which something between us and the provider says that it does not know how the request ended. */
const GATEWAY_STATUSES = new Set([502, 504, 520, 521, 522, 523, 524, 525, 526, 527]);

/** Whether the causes of a connection error say that nothing was sent. */
export function isUnsent(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  if ('code' in error && typeof error.code === 'string' && NEVER_CONNECTED.has(error.code)) return true;
  if ('errors' in error && Array.isArray(error.errors)) return error.errors.length > 0 && error.errors.every(isUnsent);
  return 'cause' in error && isUnsent(error.cause);
}

/** An error that the provider itself answers is not charged; one that a gateway in between makes up may hide an answer that was. */
export const chargeOfStatus = (status: number, isProvidersOwn: boolean): Charge =>
  !isProvidersOwn && GATEWAY_STATUSES.has(status) ? 'unknown' : 'nothing';

/** The HTTP status that goes with an error type of the Messages API. */
const STATUSES: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
};

/** An error inside a stream names its type only. */
export const statusOfErrorType = (type: string): number => STATUSES[type] ?? 500;
