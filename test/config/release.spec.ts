import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RELEASE } from '../../src/config/release.js';

const SOURCES = new URL('../../src/', import.meta.url).pathname;

/** Not as a part of an address. */
const WRITTEN = new RegExp(`(?<![\\d.])${RELEASE.replaceAll('.', String.raw`\.`)}(?![\\d.])`);
/** The version of the API has the same number only for now, and an example is nobody's version. */
const OF_OTHERS = /API_VERSION = |example: /;

it('no source says by hand which release it is of', () => {
  const said = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => readFileSync(join(SOURCES, name), 'utf8').split('\n'))
    .filter((line) => WRITTEN.test(line) && !OF_OTHERS.test(line));
  expect(said).toEqual([]);
});
