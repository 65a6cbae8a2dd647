import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { AppConfig } from '../../config/app-config.js';
import { codeOf } from '../../config/error-code.js';

/** At the top of the workspace, the folders of those who are kept apart. */
export const PRINCIPALS = '.principals';

const PRIVATE = 0o700;

/** The folder of somebody's files: with ISOLATE_PRINCIPALS one of their own, which is made. Absolute, without links. */
export function folderOf(
  { workspaceDir, isolatePrincipals }: Pick<AppConfig, 'workspaceDir' | 'isolatePrincipals'>,
  principalId: string,
): string {
  const shared = realpathSync(workspaceDir);
  return isolatePrincipals ? madeIn(madeIn(shared, PRINCIPALS), folderNameOf(principalId)) : shared;
}

/** The id itself where it is a plain name on every file system, else its hash behind a sign that no plain name has. */
const folderNameOf = (id: string): string =>
  /^[0-9a-z-]{1,64}$/.test(id) ? id : `_${createHash('sha256').update(id).digest('hex')}`;

function madeIn(parent: string, name: string): string {
  const folder = join(parent, name);
  try {
    mkdirSync(folder, { mode: PRIVATE });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
  // While all shared the workspace anybody could have put a link there.
  if (!lstatSync(folder).isDirectory()) throw new Error(`${folder} is no folder.`);
  return folder;
}
