import { join } from 'node:path';
import { ConfigRoom } from './config-room.js';

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
});
