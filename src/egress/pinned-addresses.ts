import { lookup as systemLookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { type AddressRange, mayReach } from './address.rules.js';
import type { Destination } from './destination.rules.js';
import { EgressFailed, EgressRefused } from './egress.types.js';

/** All addresses of a name, as its resolver has them now. */
export type Lookup = (host: string) => Promise<readonly string[]>;

/** As other programs of this machine resolve: hosts file and DNS. */
export const lookupOfSystem: Lookup = async (host) =>
  (await systemLookup(host, { all: true })).map(({ address }) => address);

/** More are not tried. */
const MAX_ADDRESSES = 8;

/**
 * The addresses to connect to, each checked. A name is resolved here and nowhere else, so that what was checked is what is reached.
 *
 * @throws EgressRefused `private_address`: one that is not public refuses the name, or a second answer would be a matter of luck
 * @throws EgressFailed there is no such host
 */
export async function pinnedAddresses(
  { host, isNamed }: Destination,
  exceptedRanges: readonly AddressRange[],
  lookup: Lookup,
): Promise<readonly string[]> {
  const isAddress = isIP(host) !== 0;
  const addresses = isAddress ? [host] : await resolve(host, lookup);
  if (!addresses.every((address) => mayReach(address, isNamed ? exceptedRanges : []))) {
    const what = isAddress ? 'is not a public address' : 'has an address that is not public';
    throw new EgressRefused('private_address', `${host} ${what}.`);
  }
  return addresses.slice(0, MAX_ADDRESSES);
}

async function resolve(host: string, lookup: Lookup): Promise<readonly string[]> {
  const addresses = await lookup(host).catch((cause: unknown) => {
    throw new EgressFailed(`The host ${host} was not found.`, { cause });
  });
  if (addresses.length === 0) throw new EgressFailed(`The host ${host} was not found.`);
  return addresses;
}

/** Answers a socket that asks for a name's addresses with these, whatever the name. */
export function answerWith(addresses: readonly string[]): LookupFunction {
  const answers = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_host, options, done) => {
    const [first] = answers;
    if (options.all === true || first === undefined) done(null, answers);
    else done(null, first.address, first.family);
  };
}
