import fc from 'fast-check';
import picomatch from 'picomatch';
import { compileGlob, MAX_GLOB_CHARS } from '../../src/tools/builtin/file-operations/glob.rules.js';
import { compilePattern, PatternError } from '../../src/tools/builtin/file-operations/pattern.rules.js';

it.each([
  ['**/*.ts', 'a.ts', true],
  ['**/*.ts', 'src/deep/a.ts', true],
  ['*.ts', 'src/deep/a.ts', true],
  ['./*.ts', 'a.ts', true],
  ['/src/*.ts', 'src/a.ts', true],
  ['src/*.ts', 'src/deep/a.ts', false],
  ['src/**', 'src/deep/a.ts', true],
  ['src/**', 'src', false],
  ['**', 'a/b', true],
  ['src/**/', 'src/deep', true],
  ['{src,test}/**/*.{ts,js}', 'test/a/b.js', true],
  ['{src,test}/**/*.{ts,js}', 'lib/a/b.js', false],
  ['file[0-9].txt', 'file7.txt', true],
  ['file[!0-9].txt', 'file7.txt', false],
  ['file[^0-9].txt', 'filex.txt', true],
  ['[[:digit:]]', '7', true],
  ['a[/]b', 'a/b', true],
  ['?.md', 'é.md', true],
  ['+(a|aa)b', 'aaab', true],
  ['@(a|b).ts', 'c.ts', false],
  ['?(x)y', 'y', true],
  ['*(x)y', 'xxxy', true],
  ['.*', '.gitignore', true],
  ['*', '.hidden', true],
  ['a\\*b', 'a*b', true],
  ['a\\*b', 'axb', false],
  ['{a}', '{a}', true],
  ['[a', '[a', true],
  ['*.ts', 'new\nline.ts', true],
  ['-rf', '-rf', true],
  ['(a.b)+$', '(a.b)+$', true],
  ['[]-]', '-', true],
  ['[a-]', '-', true],
])('%s on %s: %s', (glob, path, expected) => {
  expect(compileGlob(glob)(path)).toBe(expected);
});

it.each([
  '',
  '/',
  './',
  '!(a)',
  '[z-a]',
  '@(a',
  '{a,b',
  '{'.repeat(100) + ',}'.repeat(70),
  '*'.repeat(MAX_GLOB_CHARS + 1),
])('says what is wrong with %s', (glob) => {
  expect(() => compileGlob(glob)).toThrow(PatternError);
});

it('agrees with picomatch wherever that is no matter of taste', () => {
  const piece = fc.constantFrom('a', 'b', 'ab', '*', '**', '?', 'a*', '*b', '[ab]', '[^a]', '{a,b}', '.a');
  // Whether `a/**` is also `a` depends, there, on what `a` is.
  const globs = fc
    .array(piece, { minLength: 2, maxLength: 4 })
    .filter((pieces) => pieces.at(-1) !== '**')
    .map((pieces) => pieces.join('/'));
  const names = fc.constantFrom('a', 'b', 'ab', '.a', 'ba', 'c');
  const paths = fc.array(names, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/'));
  fc.assert(
    fc.property(globs, paths, (glob, path) => {
      expect(compileGlob(glob)(path)).toBe(picomatch.isMatch(path, glob, { dot: true }));
    }),
    { numRuns: 2000 },
  );
});

/** With a backtracking engine each of these takes longer than the suite has. */
it('is soon done with globs that explode elsewhere', () => {
  const long = `${'a'.repeat(255)}/`.repeat(15) + 'c';
  for (const glob of [
    `${'*a'.repeat(100)}b`,
    `${'+(a|aa)'.repeat(30)}b`,
    `${'**/a*/'.repeat(30)}b`,
    `${'*(*(a))'.repeat(20)}b`,
    `${'{a,aa,*}'.repeat(25)}b`,
    `${'?*'.repeat(100)}b`,
  ]) {
    expect(compileGlob(glob)(long)).toBe(false);
  }
});

it('never fails but by saying what is wrong', () => {
  const characters = fc.constantFrom(...'ab*?[]{}()|,!@+\\/-^.$:\n\u{1F600}\ud800'.split(''));
  fc.assert(
    fc.property(fc.array(characters, { maxLength: 40 }), (parts) => {
      const glob = parts.join('');
      try {
        expect(typeof compileGlob(glob)('a/b.ts')).toBe('boolean');
      } catch (error) {
        expect(error).toBeInstanceOf(PatternError);
      }
    }),
    { numRuns: 1500 },
  );
});

describe('a pattern', () => {
  const isCaseSensitive = true;

  it('is soon done where others explode', () => {
    for (const source of ['(a*)*b', '(a|aa)+$b', '(x+x+)+y', '(.*)(.*)(.*)(.*)(.*)(.*)b$', '(a|b)*a(a|b){200}c']) {
      const pattern = compilePattern(source, { isCaseSensitive });
      expect(pattern.isIn('a'.repeat(pattern.maxLineChars))).toBe(false);
    }
  });

  it.each([
    '(',
    '(?=a)',
    '(?<=a)',
    '\\1',
    'x{1001}',
    '(a{1000}){1000}',
    '(\\pL{500}){2}',
    '['.repeat(999),
    'a'.repeat(1001),
  ])('%s is refused in words', (source) => {
    expect(() => compilePattern(source, { isCaseSensitive })).toThrow(PatternError);
  });
});
