import { access, constants, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { AppConfig } from '../config/app-config.js';
import { shownCode } from '../config/error-code.js';
import { StartError } from '../config/start-error.js';

/** Why nothing can be kept in the folder, or made where it is to be; undefined when it can. Writes nothing. */
export async function folderComplaint(variable: string, wanted: string): Promise<string | undefined> {
  const folder = await existing(wanted);
  try {
    if (!(await stat(folder)).isDirectory()) return `${folder} is a file: set ${variable} to a folder.`;
    await access(folder, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return `This account may not write to ${folder} (${shownCode(error)}): make it writable, or set ${variable} to another folder.`;
  }
}

/**
 * Before anything is made. Who writes into them would notice only later: the archive when the first workflow is old enough.
 * @throws StartError
 */
export async function requireWritableFolders({
  dataDir,
  workspaceDir,
  retention: { archiveDir },
}: AppConfig): Promise<void> {
  const isOwn = workspaceDir.startsWith(join(dataDir, '/'));
  const complaint =
    (await folderComplaint(isOwn ? 'NYX_DATA_DIR' : 'NYX_WORKSPACE', workspaceDir)) ??
    (archiveDir === undefined ? undefined : await folderComplaint('NYX_ARCHIVE_DIR', archiveDir));
  if (complaint !== undefined) throw new StartError(complaint);
}

/** The folder, or the nearest above it that is there. */
export async function existing(folder: string): Promise<string> {
  const isThere = await stat(folder).then(
    () => true,
    () => false,
  );
  return isThere || dirname(folder) === folder ? folder : existing(dirname(folder));
}
