import { createSocket, type RemoteInfo } from 'node:dgram';
import { promises as dns } from 'node:dns';
import { isIP } from 'node:net';
import type { Lookup } from '../../src/egress/pinned-addresses.js';

export interface DnsServer {
  /** Asks this server, over UDP, as a resolver does. */
  readonly lookup: Lookup;
  /** Names in the order they were asked for (as an IPv4 address), so that a second resolution is seen. */
  readonly asked: string[];
  close(): Promise<void>;
}

const TYPES = { 1: 4, 28: 6 } as const;

/**
 * A real name server on loopback.
 *
 * @param zone for each name what it answers, one list of addresses after the other; the last one stays
 */
export async function startDnsServer(
  zone: Readonly<Record<string, readonly (readonly string[])[]>>,
): Promise<DnsServer> {
  const asked: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (query: Buffer, from: RemoteInfo) => {
    const { name, end, family } = questionOf(query);
    if (family === 4) asked.push(name);
    const turn = asked.filter((other) => other === name).length;
    const answers = zone[name];
    const addresses = answers?.[Math.min(Math.max(turn, 1), answers.length) - 1];
    socket.send(answerTo(query.subarray(0, end), addresses, family), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const resolver = new dns.Resolver({ timeout: 20_000, tries: 1 });
  resolver.setServers([`127.0.0.1:${socket.address().port}`]);
  return {
    lookup: async (host) => {
      const ipv4 = await resolver.resolve4(host).catch(nothing);
      const ipv6 = await resolver.resolve6(host).catch(nothing);
      return [...ipv4, ...ipv6];
    },
    asked,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

const nothing = (): string[] => [];

function questionOf(query: Buffer): { name: string; end: number; family: number | undefined } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), end: at + 5, family: TYPES[query.readUInt16BE(at + 1) as 1 | 28] };
}

/** Header, the question again, and an A or AAAA record for each address of the family asked for. */
function answerTo(question: Buffer, addresses: readonly string[] | undefined, family: number | undefined): Buffer {
  const records = (addresses ?? []).filter((address) => isIP(address) === family).map(recordOf);
  const header = Buffer.from(question.subarray(0, 12));
  header.writeUInt16BE(addresses === undefined ? 0x8183 : 0x8180, 2);
  header.writeUInt16BE(records.length, 6);
  header.writeUInt32BE(0, 8);
  return Buffer.concat([header, question.subarray(12), ...records]);
}

function recordOf(address: string): Buffer {
  const isIpv4 = isIP(address) === 4;
  const data = isIpv4 ? Buffer.from(address.split('.').map(Number)) : ipv6Bytes(address);
  const head = Buffer.from([0xc0, 12, 0, isIpv4 ? 1 : 28, 0, 1, 0, 0, 0, 0, 0, data.length]);
  return Buffer.concat([head, data]);
}

function ipv6Bytes(address: string): Buffer {
  const [before = '', after] = address.split('::');
  const groups = (text: string): number[] => (text === '' ? [] : text.split(':').map((group) => parseInt(group, 16)));
  const [start, end] = [groups(before), groups(after ?? '')];
  const parts = [...start, ...Array<number>(8 - start.length - end.length).fill(0), ...end];
  return Buffer.from(parts.flatMap((part) => [part >> 8, part & 0xff]));
}
