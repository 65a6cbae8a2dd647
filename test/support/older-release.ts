import { cp, readFile, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ensureBuilt, newDataDir } from './process.js';

const ROOT = resolve(import.meta.dirname, '../..');
/** The last name in the list of migrations, as the compiler writes it. */
const LAST_MIGRATION = /^ {4}(\w+),\n\];/m;

export interface OlderRelease {
  /** For `startNyxProcess`; removed by `cleanUpProcesses()`. */
  readonly folder: string;
  readonly version: string;
  /** The name of the migration that it does not know. */
  readonly unknown: string;
}

/** What is built here as a release of another version that does not know the last migration. */
export async function olderRelease(version: string): Promise<OlderRelease> {
  await ensureBuilt();
  const folder = await newDataDir();
  await cp(join(ROOT, 'dist'), join(folder, 'dist'), { recursive: true });
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const itself = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as object;
  await writeFile(join(folder, 'package.json'), JSON.stringify({ ...itself, version }));
  const list = join(folder, 'dist/migrations/index.js');
  const source = await readFile(list, 'utf8');
  const unknown = LAST_MIGRATION.exec(source)?.[1];
  if (unknown === undefined) throw new Error(`${list} has no list of migrations.`);
  await writeFile(list, source.replace(LAST_MIGRATION, '];'));
  return { folder, version, unknown };
}
