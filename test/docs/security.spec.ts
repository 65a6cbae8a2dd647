import { existsSync, readFileSync } from 'node:fs';
import { VARIABLES } from '../../src/config/load-config.js';

const page = readFileSync('SECURITY.md', 'utf8');
const section = (title: string): string => page.split(/^## /m).find((part) => part.startsWith(title)) ?? '';
const promises = section('What is promised')
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .slice(2)
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, promise = '', shown = '']) => ({
    promise,
    tests: [...shown.matchAll(/`([^`]+)`/g)].map(([, path]) => path),
  }));

it('every promise names tests that exist', () => {
  expect(promises.length).toBeGreaterThan(15);
  expect(promises.filter(({ tests }) => tests.length === 0)).toEqual([]);
  const named = promises.flatMap(({ tests }) => tests);
  expect(named.filter((path = '') => !/^test\/.*\.spec\.ts$/.test(path) || !existsSync(path))).toEqual([]);
});

it('every variable it names is one, and what it says is missing is missing', () => {
  const named = new Set(page.match(/`[A-Z][A-Z_]{4,}`/g)?.map((name) => name.slice(1, -1)));
  const variables: readonly string[] = VARIABLES;
  expect([...named].filter((name) => !variables.includes(name))).toEqual([]);
});

it('it says who is trusted, what is not promised, and how to report', () => {
  for (const title of ['Who is trusted', 'What is not promised', 'Reporting']) {
    expect(section(title).length).toBeGreaterThan(100);
  }
});

it('it is found from README', () => {
  expect(readFileSync('README.md', 'utf8')).toContain('](SECURITY.md)');
});
