import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { PAGES, ROOT } from '../readme/readme-document.js';
import { anchorsOf, withoutBlocks } from './headings.js';

const LINKED = [...PAGES, 'SECURITY.md', 'test/README.md', 'test/bench/README.md', 'clients/typescript/README.md'];
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** Links of a page to what is in the repository. */
const relativeLinksIn = (text: string): string[] =>
  [...withoutBlocks(text).matchAll(/\]\(([^)]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target));

/** Those that lead to no file, or to no heading of one. */
const brokenIn = (page: string, text: string): string[] =>
  relativeLinksIn(text).filter((target) => {
    const [path = '', anchor] = target.split('#');
    const file = resolve(ROOT, dirname(page), path);
    if (!existsSync(file)) return true;
    return anchor !== undefined && !anchorsOf(path === '' ? text : readFileSync(file, 'utf8')).includes(anchor);
  });

it.each(LINKED)('every link of %s leads somewhere', (page) => {
  expect(brokenIn(page, read(page))).toEqual([]);
});

it('would see one that does not', () => {
  const text =
    '# `A_b` and C.D: e - f\n\n## Twice\n\n## Twice\n\n[1](#a_b-and-cd-e---f) [2](#twice) [3](#twice-1) [4](#twice-2)\n' +
    '[5](api.md#health) [6](api.md#wealth) [7](../README.md) [8](README.md) [9](https://example.com/none)';
  expect(brokenIn('docs/new.md', text)).toEqual(['#twice-2', 'api.md#wealth', 'README.md']);
});

it('README leads to each page of docs/', () => {
  const linked = new Set(relativeLinksIn(read('README.md')).map((target) => target.split('#')[0]));
  expect(readdirSync(join(ROOT, 'docs')).filter((name) => !linked.has(`docs/${name}`))).toEqual([]);
});
