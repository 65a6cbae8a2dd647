import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { VARIABLES } from '../../src/config/load-config.js';
import { startApp, type TestApp } from '../support/app.js';
import { newTestFolder } from '../support/test-cluster.js';
import { compileErrors } from './compiled.js';
import { blocksOf, examplesOf, missingIn, readme, ROOT } from './readme-document.js';

const execute = promisify(execFile);
const text = readme();

describe('the API by example', () => {
  const SEPARATOR = '\u001e';
  const examples = examplesOf(text);
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
    expect(examples.length).toBeGreaterThan(8);
  });

  it.each(examples.map(({ command, answer }, index) => ({ line: command.split('\n').at(-1), index, answer })))(
    'answers as shown: $line',
    ({ index, answer }) => {
      expect(answer).toBeDefined();
      expect(missingIn(JSON.parse(outputs[index] ?? ''), JSON.parse(answer ?? ''))).toEqual([]);
    },
  );
});

describe('what the page names', () => {
  it('are all variables that are read, and no others', () => {
    const table = text.slice(text.indexOf('## Configuration'), text.indexOf('## How it survives crashes'));
    const rows = table.split('\n').filter((line) => line.startsWith('| `'));
    const named = rows.flatMap((row) => row.split('|')[1]?.match(/[A-Z][A-Z_]+/g) ?? []);
    expect(named.toSorted()).toEqual([...VARIABLES].toSorted());
  });

  it('are files that exist', () => {
    const named = [...text.matchAll(/`((?:src|test|migrations|\.ci)\/[\w./-]+)`/g)].map(([, path = '']) => path);
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((path) => !existsSync(join(ROOT, path)) && !isWrittenByCommand(path))).toEqual([]);
  });

  it('are scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object };
    const named = [...text.matchAll(/npm run ([\w:]+)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
  });

  it('are rooms that exist', () => {
    const map = text.slice(text.indexOf('## The map of the house'), text.indexOf('## Extending'));
    const rooms = [...map.matchAll(/`([a-z]+)\/`/g)]
      .map(([, room = '']) => room)
      .filter((room) => room !== 'migrations' && room !== 'src');
    expect(rooms.filter((room) => !existsSync(join(ROOT, 'src', room)))).toEqual([]);
  });

  /** Made by `npm run bench`, so not there in a tree that was never measured. */
  const isWrittenByCommand = (path: string): boolean => path === 'test/bench/results.json';
});

it('shows the measured figures that are committed', () => {
  const results = join(ROOT, 'test/bench/results.json');
  const shown = text.slice(text.indexOf('<!-- bench:start -->'), text.indexOf('<!-- bench:end -->'));
  const { rows } = (existsSync(results) ? JSON.parse(readFileSync(results, 'utf8')) : { rows: [] }) as {
    rows: { figure: string; value: string }[];
  };
  expect(rows.filter(({ figure, value }) => !shown.includes(figure) || !shown.includes(value))).toEqual([]);
  expect(shown.split('\n').filter((line) => line.startsWith('| ')).length).toBe(
    rows.length === 0 ? 0 : rows.length + 1,
  );
});

describe('extending', () => {
  const blocks = blocksOf(text).filter(({ info }) => info === 'ts');

  it('takes under 30 lines of code each', () => {
    const linesOf = (code: string): number => code.split('\n').filter((line) => /^\s*[^\s/]/.test(line)).length;
    expect(blocks.map((block) => linesOf(block.text)).filter((lines) => lines >= 30)).toEqual([]);
  });

  it('compiles against the code', () => {
    const files = blocks.map((block) => {
      const path = /^\/\/ (src\/\S+\.ts)$/m.exec(block.text)?.[1] ?? 'a block that does not name its file';
      return { path, text: block.text };
    });
    expect(files).toHaveLength(6);
    expect(compileErrors(ROOT, [...files, strategyNames()])).toEqual([]);
  });

  it('would not compile with a mistake in it', () => {
    const [file = { path: '', text: '' }] = blocks.map(({ text: code }) => ({
      path: 'src/orchestrator/strategies/mistaken.ts',
      text: code.replace('this.caller.runToEnd', 'this.caller.runFor'),
    }));
    expect(compileErrors(ROOT, [file]).join()).toContain('runFor');
  });

  /** The list of strategies with the one line that the page tells to add. */
  function strategyNames(): { path: string; text: string } {
    const path = 'src/orchestrator/workflows/workflow.values.ts';
    const list = readFileSync(join(ROOT, path), 'utf8');
    const extended = list.replace(
      "'iterative_refinement',\n] as const",
      "'iterative_refinement',\n  'self_review',\n] as const",
    );
    expect(extended).not.toBe(list);
    return { path, text: extended };
  }
});
