import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { VARIABLES } from '../../src/config/load-config.js';
import { startApp, type TestApp } from '../support/app.js';
import { newTestFolder } from '../support/test-cluster.js';
import { examplesOf, missingIn, page, PAGES, ROOT } from './readme-document.js';

const execute = promisify(execFile);
const everything = PAGES.map(page).join('\n');
/** @param heading of the second level */
const section = (path: string, heading: string): string =>
  page(path)
    .split(/^## /m)
    .find((part) => part.startsWith(`${heading}\n`)) ?? '';

describe('the API by example', () => {
  const SEPARATOR = '\u001e';
  const examples = PAGES.flatMap((path) => examplesOf(page(path)).map((example) => ({ path, ...example })));
  let nyx: TestApp;
  let outputs: string[];

  beforeAll(async () => {
    nyx = await startApp();
    const script = examples.map(({ command }) => command).join(`\nprintf '${SEPARATOR}'\n`);
    const real = script
      .replace('http://127.0.0.1:8000', nyx.url)
      .replace('the password that the first start printed', nyx.config.admin.password ?? '');
    const { stdout } = await execute('bash', ['-euo', 'pipefail', '-c', real], { cwd: await newTestFolder() });
    outputs = stdout.split(SEPARATOR);
  });
  afterAll(() => nyx.close());

  it('has examples', () => {
    expect([...new Set(examples.map(({ path }) => path))]).toEqual(['README.md', 'docs/api.md', 'docs/motivation.md']);
    expect(examples.length).toBeGreaterThanOrEqual(28);
  });

  it.each(
    examples.map(({ path, command, answer }, index) => ({ path, line: command.split('\n').at(-1), index, answer })),
  )('answers as shown in $path: $line', ({ index, answer }) => {
    expect(answer).toBeDefined();
    expect(missingIn(JSON.parse(outputs[index] ?? ''), JSON.parse(answer ?? ''))).toEqual([]);
  });
});

describe('what the pages name', () => {
  it('are all variables that are read, and no others', () => {
    const rows = section('docs/configuration.md', 'The variables')
      .split('\n')
      .filter((line) => line.startsWith('| `'));
    const named = rows.flatMap((row) => row.split('|')[1]?.match(/[A-Z][A-Z_]+/g) ?? []);
    expect(named.toSorted()).toEqual([...VARIABLES].toSorted());
  });

  it('are files that exist', () => {
    const named = [...everything.matchAll(/`((?:src|test|migrations|docs|deploy|clients|\.ci)\/[\w./-]+)`/g)].map(
      ([, path = '']) => path,
    );
    expect(named.length).toBeGreaterThan(60);
    expect(named.filter((path) => !existsSync(join(ROOT, path)) && !isWrittenByCommand(path))).toEqual([]);
  });

  it('are scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object };
    const named = [...everything.matchAll(/npm run ([\w:]+)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
  });

  it('are the rooms that exist', () => {
    const rooms = [...section('README.md', 'The map of the house').matchAll(/`([a-z]+)\/`/g)]
      .map(([, room = '']) => room)
      .filter((room) => room !== 'migrations' && room !== 'src');
    const entries = readdirSync(join(ROOT, 'src'), { withFileTypes: true });
    const there = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    expect(rooms.toSorted()).toEqual(there.toSorted());
  });

  /** Made by `npm run bench` and `deploy/make-secrets.sh`, so not there in a tree where neither was run. */
  const isWrittenByCommand = (path: string): boolean =>
    path === 'test/bench/results.json' || path.startsWith('deploy/secrets');
});

it('README is read in five minutes', () => {
  expect(page('README.md').split('\n').length).toBeLessThan(350);
});

describe('the measured figures', () => {
  const results = join(ROOT, 'test/bench/results.json');
  const { rows } = (existsSync(results) ? JSON.parse(readFileSync(results, 'utf8')) : { rows: [] }) as {
    rows: { figure: string; value: string }[];
  };
  /** Each with its figure and its value, as the bench writes them. */
  const shownIn = (path: string): string[] =>
    (/<!-- bench:start -->([^]*)<!-- bench:end -->/.exec(page(path))?.[1] ?? '')
      .split('\n')
      .filter((line) => line.startsWith('| '))
      .slice(1)
      .map((line) =>
        line
          .split(' | ', 2)
          .map((cell) => cell.replace(/^\|/, '').trim())
          .join(': '),
      );
  const measured = rows.map(({ figure, value }) => `${figure}: ${value}`);

  it('are those that are committed', () => {
    expect(shownIn('docs/measured.md')).toEqual(measured);
  });

  it('are in README in short, and the same', () => {
    const shown = shownIn('README.md');
    expect(shown).toHaveLength(rows.length === 0 ? 0 : 7);
    expect(shown.filter((row) => !measured.includes(row))).toEqual([]);
  });
});

it.each(PAGES.slice(1))('%s begins with for whom it is', (path) => {
  expect(page(path)).toMatch(/^# .+\n\nFor who /);
});
