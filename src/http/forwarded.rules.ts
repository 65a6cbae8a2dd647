import ipaddr from 'ipaddr.js';

/**
 * Who a request comes from, as Express finds it: the last address that is no trusted proxy's.
 * @param forwarded X-Forwarded-For
 * @param trusted addresses or CIDR ranges
 */
export function clientAddress(remote: string, forwarded: string | undefined, trusted: readonly string[]): string {
  const hops = [remote, ...(forwarded ?? '').split(',').reverse()].map((hop) => hop.trim()).filter((hop) => hop !== '');
  return hops.find((hop) => !isTrusted(hop, trusted)) ?? hops.at(-1) ?? '';
}

function isTrusted(hop: string, trusted: readonly string[]): boolean {
  if (!ipaddr.isValid(hop)) return false;
  const address = ipaddr.process(hop);
  return trusted.some((entry) => {
    if (!ipaddr.isValidCIDR(entry)) return ipaddr.process(entry).toString() === address.toString();
    const [range, bits] = ipaddr.parseCIDR(entry);
    return range.kind() === address.kind() && address.match([range, bits]);
  });
}
