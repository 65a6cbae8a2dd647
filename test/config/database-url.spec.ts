import { join } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import pg from 'pg';
import { ConfigRoom } from './config-room.js';

const { jest } = import.meta;
const room = ConfigRoom.forThisFile();

describe('a wrong DATABASE_URL is refused in one sentence', () => {
  it.each(['hid%E4den', 'hid%zzden', 'hid%den', 'hidden%'])('with a password %s, without telling it', (password) => {
    for (const url of [
      `postgresql://u:${password}@h/d`,
      `postgresql://${password}:p@h/d`,
      `postgresql://h/${password}`,
    ])
      expect(room.refusal({ DATABASE_URL: url })).toBe(
        'DATABASE_URL has a % that begins no character of UTF-8: write each % of the password itself as %25.',
      );
  });

  it.each(['sslrootcert', 'sslcert', 'sslkey'])('whose %s cannot be read', (name) => {
    const refusal = (file: string): string =>
      room.refusal({ DATABASE_URL: `postgresql://u:hidden@h/d?${name}=${file}` });
    const missing = join(room.folder, 'missing');
    const sentence = `${name} of DATABASE_URL must name a file that can be read, and`;
    expect(refusal(missing)).toBe(`${sentence} ${missing} cannot be (ENOENT).`);
    expect(refusal(room.folder)).toBe(`${sentence} ${room.folder} cannot be (EISDIR).`);
  });
  it.each(['abc', '99999', '0', '5432.5'])('without a port, where PGPORT is %s', (PGPORT) => {
    const sentence = `PGPORT must be a whole number from 1 to 65535, and is "${PGPORT}".`;
    for (const url of ['postgresql://u:p@h/d', 'postgresql:///d?host=/run'])
      expect(room.refusal({ DATABASE_URL: url, PGPORT })).toBe(sentence);
    for (const url of ['postgresql://u:p@h:1/d', 'postgresql://u:p@h/d?port=1', undefined])
      expect(() => room.load({ DATABASE_URL: url, PGPORT })).not.toThrow();
  });
});

describe('what DATABASE_URL says of TLS', () => {
  const url = 'postgresql://u:p@h/d';
  const verified = { rejectUnauthorized: true, checksName: true };
  const unverified = { ...verified, rejectUnauthorized: false };

  it.each<[string, object | false]>([
    ['', false],
    ['sslmode=disable', false],
    ['ssl=false', false],
    ['ssl=0', false],
    ['ssl=true', verified],
    ['ssl=1', verified],
    ['ssl=require', verified],
    ['sslmode=prefer', verified],
    ['sslmode=require', verified],
    ['sslmode=verify-ca', verified],
    ['sslmode=verify-full', verified],
    ['sslmode=disable&sslmode=require', verified],
    ['sslmode=no-verify', unverified],
    ['uselibpqcompat=true&sslmode=require', unverified],
    ['uselibpqcompat=true&sslmode=verify-ca&sslrootcert=package.json', { ...verified, checksName: false }],
  ])('"%s" is kept, and the library says nothing', (parameters, expected) => {
    const warned = jest.spyOn(process, 'emitWarning').mockReturnValue();
    try {
      const { ssl } = new pg.Client({
        connectionString: room.load({ DATABASE_URL: `${url}?${parameters}` }).database.url,
      });
      const { rejectUnauthorized = true, checkServerIdentity } = Object(ssl) as ConnectionOptions;
      expect(ssl && { rejectUnauthorized, checksName: checkServerIdentity === undefined }).toEqual(expected);
      expect(warned).not.toHaveBeenCalled();
    } finally {
      warned.mockRestore();
    }
  });
});
