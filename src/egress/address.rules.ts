import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
export type AddressRange = readonly [Address, number];

/** @throws Error when one is no range in CIDR notation */
export const parseRanges = (ranges: readonly string[]): readonly AddressRange[] =>
  ranges.map((range) => {
    const [address, bits] = ipaddr.parseCIDR(range);
    const isMapped = address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() && bits >= 96;
    return isMapped ? [address.toIPv4Address(), bits - 96] : [address, bits];
  });

/**
 * Whether an address is a public one or lies in a range that is excepted. Of addresses that carry an IPv4 address, both count.
 * A translator's prefix of a network's own (RFC 6052, other than 64:ff9b::) cannot be known here.
 *
 * @param address as a resolver or a URL parser gives it; anything else, also one with a zone, may not be reached
 */
export function mayReach(address: string, exceptedRanges: readonly AddressRange[]): boolean {
  if (isIP(address) === 0 || address.includes('%')) return false;
  return formsOf(ipaddr.parse(address)).every((form) => isPublic(form) || isIn(form, exceptedRanges));
}

const isIn = (address: Address, ranges: readonly AddressRange[]): boolean =>
  ranges.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits));

/** Public by its number, but the host's own in a cloud of Azure, to which it tells what is meant for the machine alone. */
const WIRE_SERVER = '168.63.129.16';

/** Only 2000::/3 is handed out to the public; what is special in it, and all that is special in IPv4, has a range of its own. */
function isPublic(address: Address): boolean {
  if (address.range() !== 'unicast' || address.toString() === WIRE_SERVER) return false;
  return address instanceof ipaddr.IPv4 || ((address.parts[0] ?? 0) & 0xe000) === 0x2000;
}

/** What a packet to it may be taken for on its way. */
function formsOf(address: Address): readonly Address[] {
  if (address instanceof ipaddr.IPv4) return [address];
  const parts = address.parts;
  const last = ipv4(parts[6], parts[7]);
  switch (address.range()) {
    case 'ipv4Mapped':
      return [last];
    case 'rfc6052':
      // 64:ff9b::/96 is how an IPv6-only network reaches the public IPv4; 64:ff9b:1::/48 is for private use.
      return parts[2] === 0 ? [last] : [address, last];
    case 'rfc6145':
      return [address, last];
    case '6to4':
      return [address, ipv4(parts[1], parts[2])];
    case 'teredo':
      return [address, ipv4(~(parts[6] ?? 0) & 0xffff, ~(parts[7] ?? 0) & 0xffff)];
    case 'unicast':
      // ::a.b.c.d, deprecated and still understood
      return parts.slice(0, 6).every((part) => part === 0) ? [address, last] : [address];
    default:
      return [address];
  }
}

const ipv4 = (high = 0, low = 0): ipaddr.IPv4 => new ipaddr.IPv4([high >> 8, high & 0xff, low >> 8, low & 0xff]);
