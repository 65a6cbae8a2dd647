import { readFileSync } from 'node:fs';

/** Those that let NYX be used, changed and passed on, also in what is closed. */
const ALLOWED = new Set([
  'MIT',
  'ISC',
  '0BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  'CC0-1.0',
  'Python-2.0',
  'Unlicense',
]);

/** Of packages that do not say theirs in a word that is known; read in the text that comes with them. */
const READ_BY_HAND: Readonly<Record<string, string>> = {
  'busboy@1.6.0': 'MIT',
  'decko@1.2.0': 'MIT',
  'passport-strategy@1.0.0': 'MIT',
  'pause@0.0.1': 'MIT',
  'stickyfill@1.1.1': 'MIT',
  'streamsearch@1.1.0': 'MIT',
  'url-template@2.0.8': 'BSD-3-Clause',
  'xmlhttprequest-ssl@2.1.2': 'MIT',
};

interface LockedPackage {
  readonly version: string;
  readonly license?: string;
  readonly dev?: boolean;
}

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
  packages: Record<string, LockedPackage>;
};
const shipped = Object.entries(packages)
  .filter(([path, { dev }]) => path !== '' && dev !== true)
  .map(([path, { version, license }]) => ({ id: `${path.split('node_modules/').at(-1) ?? ''}@${version}`, license }));

/** An SPDX expression without parentheses inside it. */
function isAllowed(expression: string | undefined): boolean {
  const choices = (expression ?? '').replace(/^\((.*)\)$/, '$1').split(' OR ');
  return choices.some((choice) => choice.split(' AND ').every((licence) => ALLOWED.has(licence)));
}

describe('the licence of every package that is shipped', () => {
  it('is one that is allowed', () => {
    expect(shipped.length).toBeGreaterThan(100);
    const others = shipped.filter(({ id, license }) => !isAllowed(READ_BY_HAND[id] ?? license));
    expect(others).toEqual([]);
  });

  it('was read by hand only where it is not said', () => {
    const unsaid = new Set(shipped.filter(({ license }) => !isAllowed(license)).map(({ id }) => id));
    expect(Object.keys(READ_BY_HAND).filter((id) => !unsaid.has(id))).toEqual([]);
  });

  it.each([
    ['MIT', true],
    ['(MPL-2.0 OR Apache-2.0)', true],
    ['GPL-3.0 OR AGPL-3.0', false],
    ['MIT AND GPL-3.0', false],
    ['MIT AND ISC', true],
    ['UNLICENSED', false],
    ['SEE LICENSE IN LICENSE.md', false],
    [undefined, false],
  ])('%s: %s', (expression, isFine) => {
    expect(isAllowed(expression)).toBe(isFine);
  });
});
