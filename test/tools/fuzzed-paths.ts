import fc from 'fast-check';
import type { WorkspaceFolder } from './workspace-folder.js';

const NAMES = [
  ...[
    'real',
    'file',
    'to-top',
    'to-file',
    'to-inside',
    'dangling',
    'loop',
    'to-folder',
    'environment',
    'to-root',
    'hard',
  ],
  ...[
    'fifo',
    'device',
    'a',
    'b',
    '.trash',
    'ws',
    'ws-evil',
    'secret.txt',
    'folder',
    'etc',
    'passwd',
    'proc',
    'self',
    'fd',
  ],
  ...[
    '..',
    '..',
    '..',
    '.',
    '',
    '...',
    '~',
    '-rf',
    '*',
    '%2e%2e',
    '%2f',
    '..\\',
    '\\',
    '\0',
    '\n',
    '\u2028',
    '\u202e',
    '\ud800',
  ],
  ...['CON', 'a:b', '__proto__', 'ａ', 'e\u0301', '🙂', 'n'.repeat(255), 'n'.repeat(256), ' ', 'a '],
];

const names = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...NAMES) },
  fc.string({ unit: 'binary', maxLength: 8 }),
);
const separators = fc.constantFrom('/', '/', '/', '//', '\\', '%2f', '/./', '/../');
/** Paths made of what leads out of a workspace that `setTraps` has prepared, and of anything. */
export const fuzzedPaths = (folder: Pick<WorkspaceFolder, 'outside'>): fc.Arbitrary<string> =>
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc
        .tuple(
          fc.constantFrom('', '', '', '/', './', '../'),
          fc.array(fc.tuple(names, separators), { maxLength: 6 }),
          names,
        )
        .map(([start, parts, last]) => `${start}${parts.flat().join('')}${last}`),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom('secret.txt', 'folder/secret.txt', 'ws/real/file').map((path) => folder.outside(path)),
    },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  );
