import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { ConfigRoom } from './config-room.js';

const SECRET = 'k7Jq-2mWz0Rt5Yb8Xc1Vn4Lp9Df3Gh6s';

const room = ConfigRoom.forThisFile();

describe('secrets', () => {
  it.each([
    undefined,
    'short',
    'change-me-change-me-change-me-change-me',
    'your-secret-key-here-your-secret-key',
    'a'.repeat(40),
  ])('in production JWT_SECRET may not be %j', (value) => {
    const sentence = room.refusal({ NODE_ENV: 'production', JWT_SECRET: value });
    expect(sentence).toContain('JWT_SECRET');
    if (value) expect(sentence).not.toContain(value);
  });

  it.each([
    ['NYX_API_KEY', 'short-key-1'],
    ['NYX_API_KEY', 'changeme-changeme-changeme-changeme'],
    ['NYX_ADMIN_PASSWORD', 'replace-this-one'],
    ['ANTHROPIC_API_KEY', 'your-api-key-here'],
  ])('in production a placeholder %s is refused, elsewhere it warns', (name, value) => {
    expect(room.refusal({ NODE_ENV: 'production', JWT_SECRET: SECRET, [name]: value })).toContain(name);
    expect(room.load({ [name]: value }).warnings.join()).toContain(name);
  });

  it.each([
    ['changeme12345', 'is a common password'],
    ['Password1234567', 'is a common password'],
    ['iloveyouiloveyou', 'is a common password'],
    ['ada-lovelace1', 'is too close to the name'],
    ['kqkqkqkqkqqkk', 'must have at least 5 different characters'],
  ])('a first admin has no password that others may not have: %s', (password, complaint) => {
    const sentence = room.refusal({ NYX_ADMIN_USERNAME: 'ada-lovelace', NYX_ADMIN_PASSWORD: password });
    expect(sentence).toBe(`NYX_ADMIN_PASSWORD ${complaint}; choose one that is hard to guess.`);
    expect(readdirSync(room.folder)).toEqual([]);
  });

  it('in production good ones are taken, and no web page may call unless named', () => {
    const config = room.load({ NODE_ENV: 'production', JWT_SECRET: SECRET, NYX_API_KEY: SECRET });
    expect(config.jwtSecret).toBe(SECRET);
    expect(config.http.corsOrigins).toEqual([]);
    expect(config.warnings).toEqual([]);
  });

  it('random ones are never taken for placeholders', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 48, maxLength: 48 }), (bytes) => {
        fc.pre(new Set(bytes).size > 20);
        const secret = Buffer.from(bytes).toString('base64url');
        // The shortest of what stands in placeholders comes by chance too, however seldom.
        fc.pre(!/your[-_]|example/i.test(secret));
        expect(room.load({ NODE_ENV: 'production', JWT_SECRET: secret }).jwtSecret).toBe(secret);
      }),
    );
  });
});
