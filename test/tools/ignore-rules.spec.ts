import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { IgnoreRules } from '../../src/tools/builtin/file-operations/ignore-rules.js';

it('has the last rule decide, and an inner folder say nothing of what it does not name', () => {
  const rules = new IgnoreRules('*.log\n!keep.log\n/dist\nsub/*.tmp\n# no rule\n\n');
  expect(rules.verdict('a.log')).toBe('ignored');
  expect(rules.verdict('deep/keep.log')).toBe('kept');
  expect(rules.verdict('dist/')).toBe('ignored');
  expect(rules.verdict('deep/dist')).toBeUndefined();
  expect(rules.verdict('sub/a.tmp')).toBe('ignored');
  expect(rules.verdict('..a')).toBeUndefined();
});

it('leaves out, and counts, what is over its bounds', () => {
  expect(new IgnoreRules('**/a/**/b/**/c\n*.log').skippedRules).toBe(1);
  expect(new IgnoreRules(`${'x'.repeat(2000)}\n*.log`).skippedRules).toBe(1);
  expect(new IgnoreRules('a\n'.repeat(1500)).skippedRules).toBe(500);
  expect(new IgnoreRules('*.log\n'.repeat(100_000)).verdict('a.log')).toBe('ignored');
});

/** Each would take longer than the suite has without bounds. */
it('is soon done with rules that explode', () => {
  const paths = [`${'a/'.repeat(130)}a`, 'a'.repeat(255), `${`${'a'.repeat(255)}/`.repeat(10)}x`];
  const rules = [
    '**/a/'.repeat(50) + 'b',
    `${'*a'.repeat(200)}b`,
    `${'a*/**/'.repeat(2)}b`,
    `${'**a'.repeat(30)}b`,
    `${'*?'.repeat(200)}b`,
    `${'*[a-b]'.repeat(100)}c`,
    `${'*a*/'.repeat(60)}b`,
    '\\'.repeat(999),
    '['.repeat(999),
  ];
  for (const rule of rules) {
    const compiled = new IgnoreRules(`${rule}\n`);
    for (const path of paths) expect(compiled.verdict(path)).not.toBe('kept');
  }
});

it('agrees with git', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nyx-ignore-'));
  try {
    const text =
      '*.log\n!keep.log\nbuild/\n/top\ndoc/*.txt\n**/deep/x\na/**/z\nname[0-9]\n\\#hash\n\\!bang\nspace\\ \nfoo*bar*baz\n';
    const paths = [
      'a.log',
      'keep.log',
      'in/a.log',
      'build/x',
      'in/build/x',
      'build2',
      'top',
      'in/top',
      'doc/a.txt',
      'doc/in/a.txt',
      'deep/x',
      'q/deep/x',
      'a/z',
      'a/b/c/z',
      'name7',
      'namex',
      '#hash',
      '!bang',
      'space ',
      'foo1bar2baz',
      'foobaz',
      'A.LOG',
    ];
    await promisify(execFile)('git', ['init', '-q', folder]);
    await writeFile(join(folder, '.gitignore'), text);
    for (const path of paths) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), '');
    }
    const { stdout } = await promisify(execFile)('git', [
      '-C',
      folder,
      'ls-files',
      '-z',
      '-o',
      '-i',
      '--exclude-standard',
    ]);
    const rules = new IgnoreRules(text);
    const ignored = paths.filter((path) => rules.verdict(path) === 'ignored');
    expect(ignored.sort()).toEqual(stdout.split('\0').filter(Boolean).sort());
  } finally {
    await rm(folder, { recursive: true });
  }
});
