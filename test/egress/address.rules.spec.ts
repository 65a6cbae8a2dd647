import fc from 'fast-check';
import { mayReach, parseRanges } from '../../src/egress/address.rules.js';
import { destinationOf } from '../../src/egress/destination.rules.js';
import { EgressRefused } from '../../src/egress/egress.types.js';

const none = parseRanges([]);
const isReached = (host: string, privateRanges: readonly string[] = []): boolean => {
  try {
    const destination = destinationOf(`http://${host}/`, ['*']);
    return mayReach(destination.host, parseRanges(privateRanges));
  } catch (error) {
    if (error instanceof EgressRefused) return false;
    throw error;
  }
};

/** First address and prefix of every range that is not public. */
const NOT_PUBLIC: readonly (readonly [number, number])[] = [
  [0x00000000, 8],
  [0x0a000000, 8],
  [0x64400000, 10],
  [0x7f000000, 8],
  [0xa9fe0000, 16],
  [0xa83f8110, 32],
  [0xac100000, 12],
  [0xc0000000, 24],
  [0xc0000200, 24],
  [0xc0a80000, 16],
  [0xc6120000, 15],
  [0xc6336400, 24],
  [0xcb007100, 24],
  [0xe0000000, 4],
  [0xf0000000, 4],
];

const privateIpv4 = fc
  .tuple(fc.constantFrom(...NOT_PUBLIC), fc.nat(0xffffffff))
  .map(([[base, bits], random]) => (base + (random % 2 ** (32 - bits))) >>> 0);
const publicIpv4 = fc
  .nat(0xffffffff)
  .filter((value) => NOT_PUBLIC.every(([base, bits]) => value < base || value >= base + 2 ** (32 - bits)))
  // 6to4's relays, AMT and AS112 are public by name and nobody's host.
  .filter((value) => ![0xc0586300, 0xc034c100, 0xc01fc400, 0xc0af3000].includes((value & 0xffffff00) >>> 0));

const bytesOf = (value: number): readonly number[] => [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff);
const dotted = (value: number): string => bytesOf(value).join('.');
const hexGroups = (value: number): string => `${(value >>> 16).toString(16)}:${(value & 0xffff).toString(16)}`;

/** One number of an address, as inet_aton reads it. */
const inBase = (value: number, base: number): string => {
  if (base === 8) return `0${value.toString(8)}`;
  return base === 16 ? `0x${value.toString(16)}` : String(value);
};

/** Every way to write an IPv4 address: one to four numbers, each decimal, octal or hexadecimal, in any case, with a dot at the end. */
const ipv4Notation = (address: fc.Arbitrary<number>): fc.Arbitrary<string> =>
  fc
    .record({
      value: address,
      count: fc.integer({ min: 1, max: 4 }),
      bases: fc.array(fc.constantFrom(8, 10, 16), { minLength: 4, maxLength: 4 }),
      isUpper: fc.boolean(),
      hasDot: fc.boolean(),
      isWide: fc.boolean(),
    })
    .map(({ value, count, bases, isUpper, hasDot, isWide }) => {
      const bytes = bytesOf(value);
      const numbers = [...bytes.slice(0, count - 1), value % 2 ** (8 * (5 - count))];
      const text = numbers.map((number, at) => inBase(number, bases[at] ?? 10)).join('.') + (hasDot ? '.' : '');
      const cased = isUpper ? text.toUpperCase() : text;
      return isWide ? cased.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))) : cased;
    });

/** Every way to carry an IPv4 address in one of IPv6. */
const ipv6Carrier = (address: fc.Arbitrary<number>): fc.Arbitrary<string> =>
  fc
    .tuple(
      address,
      fc.constantFrom(
        (value: number) => `::ffff:${dotted(value)}`,
        (value: number) => `::ffff:${hexGroups(value)}`,
        (value: number) => `0:0:0:0:0:FFFF:${hexGroups(value).toUpperCase()}`,
        (value: number) => `64:ff9b::${hexGroups(value)}`,
        (value: number) => `64:ff9b::${dotted(value)}`,
        (value: number) => `64:ff9b:1::${hexGroups(value)}`,
        (value: number) => `2002:${hexGroups(value)}::1`,
        (value: number) => `2001:0:4136:e378:8000:63bf:${hexGroups(~value >>> 0)}`,
        (value: number) => `::${hexGroups(value)}`,
        (value: number) => `::ffff:0:${hexGroups(value)}`,
      ),
    )
    .map(([value, write]) => write(value));

describe('addresses', () => {
  it('that are not public are refused in every notation of IPv4', () => {
    fc.assert(
      fc.property(ipv4Notation(privateIpv4), (host) => !isReached(host)),
      { numRuns: 2000 },
    );
  });

  it('that are not public are refused when IPv6 carries them', () => {
    fc.assert(
      fc.property(ipv6Carrier(privateIpv4), (host) => !isReached(`[${host}]`) && !mayReach(host, none)),
      { numRuns: 2000 },
    );
  });

  it('that are public may be reached in every notation, also mapped and by NAT64', () => {
    fc.assert(fc.property(ipv4Notation(publicIpv4), (host) => isReached(host)));
    fc.assert(
      fc.property(
        publicIpv4,
        (value) => isReached(`[::ffff:${hexGroups(value)}]`) && isReached(`[64:ff9b::${hexGroups(value)}]`),
      ),
    );
  });

  it('of IPv6 are public only in 2000::/3, and not where that is special', () => {
    const refused = [
      '::',
      '::1',
      'fc00::1',
      'fd00:ec2::254',
      'fe80::1',
      'fec0::1',
      'ff02::1',
      '100::1',
      '2001:db8::1',
      '2001::1',
      '2001:2::1',
      '2001:10::1',
      '3fff::1',
      '5f00::1',
      '4000::1',
      '::ffff:0:a9fe:a9fe',
      '64:ff9b:1::808:808',
      '2002:808:808::1',
      '::808:808',
    ];
    for (const address of refused) expect([address, isReached(`[${address}]`)]).toEqual([address, false]);
    for (const address of ['2606:4700::1111', '2a00:1450:4001::200e']) expect(isReached(`[${address}]`)).toBe(true);
  });

  it('with a zone, and what is none, are refused', () => {
    for (const text of ['fe80::1%eth0', '2606:4700::1111%1', '', 'x', '1.2.3', '8.8.8.8.', '08.8.8.8', '0x8.8.8.8']) {
      expect([text, mayReach(text, parseRanges(['0.0.0.0/0', '::/0']))]).toEqual([text, false]);
    }
  });

  it('in an excepted range may be reached, and no others', () => {
    const ranges = parseRanges(['10.1.0.0/16', 'fd12::/16', '127.0.0.1/32', '::1/128', '::ffff:192.168.7.0/120']);
    for (const address of [
      '10.1.2.3',
      'fd12::5',
      '127.0.0.1',
      '::1',
      '::ffff:10.1.2.3',
      '64:ff9b::a01:203',
      '192.168.7.9',
    ]) {
      expect([address, mayReach(address, ranges)]).toEqual([address, true]);
    }
    for (const address of [
      '10.2.0.1',
      'fd13::5',
      '127.0.0.2',
      '::',
      '169.254.169.254',
      '2002:a01:203::',
      '192.168.8.1',
    ]) {
      expect([address, mayReach(address, ranges)]).toEqual([address, false]);
    }
  });

  it('that carry another are reached only when both may be', () => {
    expect(mayReach('2002:a9fe:a9fe::', parseRanges(['2002::/16']))).toBe(false);
    expect(mayReach('2002:a9fe:a9fe::', parseRanges(['169.254.0.0/16']))).toBe(false);
    expect(mayReach('2002:a9fe:a9fe::', parseRanges(['2002::/16', '169.254.0.0/16']))).toBe(true);
    expect(mayReach('64:ff9b::a9fe:a9fe', parseRanges(['64:ff9b::/96']))).toBe(false);
  });
});
