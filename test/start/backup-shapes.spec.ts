import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { StartError } from '../../src/config/start-error.js';
import { makeBackup } from '../../src/start/backup/make-backup.js';
import { restoreArchive } from '../../src/start/backup/restore-archive.js';
import { restoreBackup } from '../../src/start/backup/restore-backup.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { cleanUpProcesses, newDataDir } from '../support/process.js';
import { contents, run } from './backup-room.js';

let folder: string;
let file: string;
/** Of a whole backup. */
let head: Record<string, unknown>;
let rest: string[];
/** With the schema, and without. */
let migrated: TestDatabase;
let empty: TestDatabase;
beforeAll(async () => {
  folder = await newDataDir();
  file = join(folder, 'wrong');
  [migrated, empty] = [await createTestDatabase(), await createTestDatabase({ empty: true })];
  await makeBackup(migrated.url, join(folder, 'whole'));
  const [first = '', ...others] = gunzipSync(await readFile(join(folder, 'whole')))
    .toString()
    .split('\n');
  [head, rest] = [JSON.parse(first) as Record<string, unknown>, others];
});
afterAll(async () => {
  await migrated.drop();
  await empty.drop();
  await cleanUpProcesses();
});

const json = (value: unknown): string => JSON.stringify(value);
const linesWith = (changed: Record<string, unknown>): string[] => [json({ ...head, ...changed }), ...rest];
const without = (member: string): string[] => linesWith({ [member]: undefined });
/** The sections of a backup, with the head of one table changed. */
const tableWith = (change: (table: { table: string; columns: string[] }) => object | null): string[] =>
  linesWith({}).map((line) =>
    line.startsWith('{"table":"public.users"') ? json(change(JSON.parse(line) as never)) : line,
  );
/** The only rows of all. */
const withRow = (table: string, row: string): string[] =>
  linesWith({}).flatMap((line) => (line.startsWith(`{"table":"${table}"`) ? [line, row] : [line]));
/** The first sequence says something else. */
const sequenceWith = (changed: object): string[] =>
  linesWith({ sequences: [{ ...(head.sequences as object[])[0], ...changed }] });

const NO_BACKUP = /^The file \S+ is no backup of NYX\.$/;
const NOT_WHOLE = /^The file \S+ is no whole backup of NYX: [^\n]+\.$/;
const OF_THE_DATABASE = /^The backup \S+ was not restored, for the database answered: [^\n]+\.$/;

describe('a backup of a wrong shape', () => {
  const cases: [string, () => string[], RegExp][] = [
    ['that has nothing', () => [], NOT_WHOLE],
    ['of which the first line is not JSON', () => ['{', ''], NOT_WHOLE],
    ['that begins with null', () => ['null', ...rest], NO_BACKUP],
    ['that begins with a list', () => ['[]', ...rest], NO_BACKUP],
    ['of another format', () => linesWith({ nyx_backup: 2 }), NO_BACKUP],
    ['that does not say when it was made', () => without('made_at'), NOT_WHOLE],
    ['made at no time', () => linesWith({ made_at: 'in the\nmorning' }), NOT_WHOLE],
    ['without migrations', () => without('migrations'), NOT_WHOLE],
    ['of which no migration had run', () => linesWith({ migrations: [] }), NOT_WHOLE],
    ['with migrations that are no names', () => linesWith({ migrations: [1] }), NOT_WHOLE],
    ['without a durable version', () => without('durable_version'), NOT_WHOLE],
    ['with a durable version that is none', () => linesWith({ durable_version: 'new' }), NOT_WHOLE],
    ['without sequences', () => without('sequences'), NOT_WHOLE],
    ['with sequences that are none', () => linesWith({ sequences: [null] }), NOT_WHOLE],
    ['with a sequence that says no number', () => sequenceWith({ last_value: 'many' }), NOT_WHOLE],
    ['with a sequence beyond its end', () => sequenceWith({ last_value: '9223372036854775808' }), OF_THE_DATABASE],
    [
      'with a sequence that is not there',
      () => sequenceWith({ name: 'public.theirs' }),
      /has a sequence that NYX does not have: public\.theirs\.$/,
    ],
    ['that ends after its head', () => [json(head), ''], NOT_WHOLE],
    ['with null for a table', () => tableWith(() => null), NOT_WHOLE],
    ['with a table that has no name', () => tableWith(({ columns }) => ({ table: 1, columns })), NOT_WHOLE],
    ['with a table that has no columns', () => tableWith(({ table }) => ({ table })), NOT_WHOLE],
    ['with columns that are no names', () => tableWith(({ table }) => ({ table, columns: [1] })), NOT_WHOLE],
    [
      'with a table that is not there',
      () => tableWith(({ columns }) => ({ table: 'public.theirs', columns })),
      /has a table that NYX does not have: public\.theirs\.$/,
    ],
    [
      'with a column that is not there',
      () => tableWith(({ table, columns }) => ({ table, columns: [...columns, 'id) FROM PROGRAM $$false$$ --'] })),
      /has a column that NYX does not have: public\.users\.id\) FROM PROGRAM [^\n]+\.$/,
    ],
    [
      'with a column twice',
      () => tableWith(({ table, columns }) => ({ table, columns: [...columns, 'id'] })),
      OF_THE_DATABASE,
    ],
    [
      'without a column',
      () => tableWith(({ table, columns }) => ({ table, columns: columns.filter((name) => name !== 'id') })),
      /has no column public\.users\.id\.$/,
    ],
    ['with a row that is too short', () => withRow('public.users', 'one'), OF_THE_DATABASE],
    ['with a row of something else', () => withRow('public.llm_usage_totals', 'null\tand\tmore'), OF_THE_DATABASE],
    // Whoever sees it first.
    ['of which no table ends', () => linesWith({}).filter((line) => line !== '\\.'), /^The (file|backup) [^\n]+\.$/],
    ['without its end', () => [...linesWith({}).slice(0, -2), ''], NOT_WHOLE],
    ['with an end that is empty', () => [...linesWith({}).slice(0, -2), '{}', ''], NOT_WHOLE],
    ['with an end that is null', () => [...linesWith({}).slice(0, -2), 'null', ''], NOT_WHOLE],
    ['that says of another number of rows', () => [...linesWith({}).slice(0, -2), '{"rows":0}', ''], NOT_WHOLE],
  ];

  it.each(cases)('%s is refused in one sentence and changes nothing', async (_name, lines, sentence) => {
    await writeFile(file, gzipSync(lines().join('\n')));
    for (const database of [migrated, empty]) {
      const before = await contents(database.url);
      const thrown: unknown = await restoreBackup(database.url, file).catch((error: unknown) => error);
      expect(thrown).toBeInstanceOf(StartError);
      expect((thrown as StartError).message).toMatch(sentence);
      // In an empty one the schema stays, as after any restore that did not end.
      expect(await contents(database.url)).toMatchObject(before);
    }
  });
});

it('a backup of a wrong shape ends the program with one sentence', async () => {
  await writeFile(file, gzipSync(without('migrations').join('\n')));
  const { code, said } = await run('restore', { dataDir: folder, databaseUrl: empty.url }, file);
  expect({ code, said }).toEqual({ code: 1, said: expect.stringMatching(/^The file [^\n]+\.\n$/) as string });
});

describe('an archive of a wrong shape', () => {
  const first = json({ nyx_archive: 1, made_at: '2026-11-23' });
  const [table, row] = ['executors', { id: 'gone', status: 'gone', lock_key: 1, version: 'nyx-1' }];
  const rowLine = json({ table, row });
  const last = json({ rows: 1 });
  const archived = (...lines: string[]): Promise<void> =>
    writeFile(file, gzipSync(lines.map((line) => `${line}\n`).join('')));

  it.each<[string, string[]]>([
    ['that has nothing', []],
    ['of which the first line is not JSON', ['{', last]],
    ['that begins with null', ['null', rowLine, last]],
    ['that begins with a list', ['[]', rowLine, last]],
    ['without a head', [rowLine, last]],
    ['of another format', [json({ nyx_archive: 2, made_at: '2026-11-23' }), rowLine, last]],
    ['that does not say when it was made', [json({ nyx_archive: 1 }), rowLine, last]],
    ['made at no time', [json({ nyx_archive: 1, made_at: 'in the\nmorning' }), rowLine, last]],
    ['with two heads', [first, first, rowLine, last]],
    ['with an object that is nothing', [first, '{}', rowLine, last]],
    ['with a table that has no name', [first, json({ table: 1, row }), last]],
    ['with a table that is not there', [first, json({ table: 'theirs', row }), last]],
    ['without a row', [first, json({ table }), last]],
    ['with null for a row', [first, json({ table, row: null }), last]],
    ['with a list for a row', [first, json({ table, row: [row] }), last]],
    ['with a row that has nothing', [first, json({ table, row: {} }), last]],
    ['with a row that is written otherwise', [first, json({ row, table }), last]],
    ['with a row that is spaced otherwise', [first, rowLine.replace(':', ': '), last]],
    ['with a row that something comes after', [first, json({ table, row, more: 1 }), last]],
    ['without its end', [first, rowLine]],
    ['with an end that is empty', [first, rowLine, '{}']],
    ['with an end that is null', [first, rowLine, 'null']],
    ['with an end that says no number', [first, rowLine, json({ rows: '1' })]],
    ['that says of another number of rows', [first, rowLine, json({ rows: 2 })]],
    ['that goes on after its end', [first, last, rowLine]],
    ['with two ends', [first, rowLine, last, last]],
  ])('%s is refused in one sentence and changes nothing', async (_name, lines) => {
    await archived(...lines);
    const before = await contents(migrated.url);
    const thrown: unknown = await restoreArchive(migrated.url, file).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(StartError);
    expect((thrown as StartError).message).toMatch(/^The file \S+ is no whole archive of NYX: [^\n]+\.$/);
    expect(await contents(migrated.url)).toEqual(before);
  });

  it('is put back when nothing of it is wrong', async () => {
    await archived(first, rowLine, last);
    expect(await restoreArchive(migrated.url, file)).toEqual({ madeAt: '2026-11-23', rows: 1, there: 0 });
  });
});
