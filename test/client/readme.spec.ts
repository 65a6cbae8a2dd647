import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileErrors } from '../readme/compiled.js';
import { blocksOf, ROOT } from '../readme/readme-document.js';

interface Package {
  readonly name: string;
  readonly version: string;
}

const PAGE = readFileSync(join(ROOT, 'clients/typescript/README.md'), 'utf8');

it('the page says how the package is got, and Git ignores what that makes', () => {
  const { name, version } = JSON.parse(readFileSync(join(ROOT, 'clients/typescript/package.json'), 'utf8')) as Package;
  const command = blocksOf(PAGE).find(({ info }) => info === 'sh')?.text;
  expect(command).toMatch(/^cd clients\/typescript && npm install && npm pack /);
  expect(command).toContain(`writes ${name.replace('@', '').replace('/', '-')}-${version}.tgz`);
  const ignored = readFileSync(join(ROOT, '.gitignore'), 'utf8').split('\n');
  expect(ignored).toEqual(expect.arrayContaining(['clients/typescript/package-lock.json', 'clients/typescript/*.tgz']));
});

it('the example of the page compiles against the client', () => {
  const example = blocksOf(PAGE).find(({ info }) => info === 'ts');
  const text = example?.text.replace('@nyx/client', '../../clients/typescript/src/index.js') ?? '';
  const mistaken = text.replace('workflow.status', 'workflow.mood');
  const compiled = (code: string): string =>
    compileErrors(ROOT, [{ path: 'test/client/example.ts', text: code }]).join();
  expect(compiled(text)).toBe('');
  expect(compiled(mistaken)).toContain('mood');
}, 180_000);
