import fc from 'fast-check';
import { decodeCursor, encodeCursor, pageOf } from '../../src/http/cursor.js';
import { hidePrototypeKeys, restorePrototypeKeys } from '../../src/http/prototype-keys.rules.js';
import { bodyHash } from '../../src/http/idempotency/body-hash.rules.js';
import { redact, redactText } from '../../src/http/log-redaction.rules.js';
import { isMoment } from '../../src/http/moment.rules.js';
import { unacceptableIn } from '../../src/http/plain-json.rules.js';

const reversed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, member]) => [name, reversed(member)]),
  );
};

describe('bodyHash', () => {
  it('does not see the order of members', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => bodyHash(value) === bodyHash(reversed(value))));
  });

  it('sees every other difference', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        const isSame = JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
        return isSame === (bodyHash(a) === bodyHash(b)) || a === null || b === null;
      }),
    );
    const distinct = [{}, [], { a: [] }, { a: {} }, [['a', 1]], { a: 1 }, { a: '1' }, [{}], [['', 'object']]];
    expect(new Set(distinct.map(bodyHash)).size).toBe(distinct.length);
  });
});

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, member]) => [name, sorted(member)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
};

describe('cursors', () => {
  const id = '019ab0c4-5d6e-7f80-9123-456789abcdef';

  it('come back as they went', () => {
    const at = '2026-11-23T08:00:00.123456Z';
    expect(decodeCursor(encodeCursor({ at, id }))).toEqual({ at, id });
  });

  it('of any other text are refused', () => {
    fc.assert(fc.property(fc.string(), (text) => expect(() => decodeCursor(text)).toThrow('cursor')));
    for (const at of [
      '2026-13-01T00:00:00.000000Z',
      '2026-11-23T08:00:00Z',
      'infinity',
      '-infinity',
      "'; DROP TABLE users",
    ]) {
      expect(() => decodeCursor(encodeCursor({ at, id }))).toThrow('cursor');
    }
  });

  it('are given only when more follows', () => {
    const rows = [1, 2, 3].map((second) => ({ at: `2026-11-23T08:00:0${second}.000000Z`, id, second }));
    const two = pageOf(rows, 2, ({ second }) => second);
    expect(two.items).toEqual([1, 2]);
    expect(decodeCursor(two.next_cursor ?? '')).toEqual({ at: rows[1]?.at, id });
    expect(pageOf(rows, 3, ({ second }) => second).next_cursor).toBeNull();
    expect(pageOf([], 3, () => 1)).toEqual({ items: [], next_cursor: null });
  });
});

describe('moments', () => {
  it.each([
    '2026-02-28T23:59:59Z',
    '2024-02-29T00:00:00.123456789+14:00',
    '0001-01-01T00:00:00Z',
    '9999-12-31T23:59:59Z',
  ])('%s is one', (text) => {
    expect(isMoment(text)).toBe(true);
  });

  it.each([
    '2026-02-30T00:00:00Z',
    '0000-12-31T00:00:00Z',
    '0001-01-01T00:00:00+00:01',
    '9999-12-31T23:59:59-00:01',
    '2026-01-01T00:00:00+16:00',
    '2026-01-01',
    'infinity',
  ])('%s is none that PostgreSQL reads', (text) => {
    expect(isMoment(text)).toBe(false);
  });
});

describe('what the log never says', () => {
  it.each([
    'Bearer abc.def.ghi-jkl',
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl',
    `nyx_${'k'.repeat(43)}`,
    'sk-ant-api03-abcdefgh',
  ])('%s', (secret) => {
    expect(redactText(`before ${secret} after`)).toMatch(/^before (Bearer )?\[redacted\] after$/);
  });

  it('passwords in addresses', () => {
    expect(redactText('postgres://nyx:pa:ss@db:5432/nyx')).toBe('postgres://nyx:[redacted]@db:5432/nyx');
  });

  it('secret members, however deep', () => {
    const logged = {
      headers: { Authorization: 'x', 'x-api-key': 'x', cookie: 'x', accept: 'ok' },
      list: [{ password: 'x' }],
    };
    expect(redact({ ...logged, refresh_token: 'x', tokens: 5 })).toEqual({
      headers: { Authorization: '[redacted]', 'x-api-key': '[redacted]', cookie: '[redacted]', accept: 'ok' },
      list: [{ password: '[redacted]' }],
      refresh_token: '[redacted]',
      tokens: 5,
    });
  });

  it('ends with circles', () => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    expect(JSON.stringify(redact(circle))).toContain('[deep]');
  });
});

it('ordinary JSON is acceptable, and hiding keys of the prototype loses nothing', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      fc.pre(!text.includes('__proto__') && !/\\u0000|\\ud[89a-f]/.test(text));
      expect(unacceptableIn(value)).toBeUndefined();
      expect(
        restorePrototypeKeys(hidePrototypeKeys({ constructor: value, toString: [{ valueOf: value }], value })),
      ).toEqual({
        constructor: value,
        toString: [{ valueOf: value }],
        value,
      });
    }),
  );
});
