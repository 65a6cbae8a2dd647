import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder of this NYX: the nearest with a package.json above this file, built or not. */
export const PACKAGE_FOLDER = folderAbove(import.meta.dirname);

/** The version of this NYX, as its package.json says. */
export const RELEASE = (JSON.parse(readFileSync(join(PACKAGE_FOLDER, 'package.json'), 'utf8')) as { version: string })
  .version;

function folderAbove(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const above = dirname(folder);
  if (above === folder) throw new Error('The package.json of NYX is missing.');
  return folderAbove(above);
}
