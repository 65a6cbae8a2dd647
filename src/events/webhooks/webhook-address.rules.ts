import type { AllowedHosts } from '../../egress/egress.types.js';

/**
 * What an admin's URL may reach: its own host and port. That names it, so a private address counts when its range is excepted.
 * Of what is no URL, nothing that the way out would not refuse by itself.
 */
export function allowedHostsOf(address: string): AllowedHosts {
  if (!URL.canParse(address)) return ['*'];
  const { protocol, hostname, port } = new URL(address);
  return [`${hostname}:${port === '' ? (protocol === 'http:' ? '80' : '443') : port}`];
}
