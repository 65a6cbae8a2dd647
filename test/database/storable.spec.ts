import fc from 'fast-check';
import { cutTo } from '../../src/database/cut.rules.js';
import { storableJson, storableText, storableValue } from '../../src/database/storable.js';

/** Of any code units, so also of halves of characters, NUL and what looks like their escapes. */
const anyText = fc
  .array(fc.constantFrom('a', '\\', '\\u0000', '\\ud83d', '😀', '\0', '\uD83D', '\uDE00', '"'))
  .map((parts) => parts.join(''));

describe('a text that is cut', () => {
  it('ends before a character that would be halved', () => {
    expect(cutTo('ab😀', 4)).toBe('ab😀');
    expect(cutTo('ab😀', 3)).toBe('ab');
    expect(cutTo('ab😀', 2)).toBe('ab');
    expect(cutTo('a\uDE00b', 3)).toBe('a\uFFFDb');
  });

  it('is well-formed and no longer than asked, whatever it is', () => {
    fc.assert(
      fc.property(anyText, fc.nat(12), (text, most) => {
        const cut = cutTo(text, most);
        expect(cut.isWellFormed()).toBe(true);
        expect(cut.length).toBeLessThanOrEqual(most);
        expect(cut.length).toBeGreaterThanOrEqual(Math.min(most, text.length) - 1);
        expect(text.toWellFormed().startsWith(cut.replace(/\uFFFD$/, ''))).toBe(true);
      }),
    );
  });
});

describe('JSON that is stored', () => {
  it('has no text and no name that PostgreSQL does not take, and all others as they are', () => {
    fc.assert(
      fc.property(fc.dictionary(anyText, fc.array(anyText)), (value) => {
        const stored = storableJson(value);
        expect(JSON.parse(stored)).toEqual(storableValue(value));
        for (const text of Object.entries(JSON.parse(stored) as typeof value).flat(2)) {
          expect(storableText(text)).toBe(text);
        }
      }),
    );
  });

  it('is what JSON.stringify makes of values that are no JSON', () => {
    const value = { at: new Date(0), left: undefined, list: [undefined], text: '\0' };
    expect(storableJson(value)).toBe('{"at":"1970-01-01T00:00:00.000Z","list":[null],"text":"\uFFFD"}');
  });
});
