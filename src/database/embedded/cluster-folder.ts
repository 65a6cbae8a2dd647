import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isNativeError } from 'node:util/types';
import { codeOf } from '../../config/error-code.js';
import { StartError } from '../../config/start-error.js';
import { initdb, type PostgresBinaries } from './postgres-binaries.js';
import { isAlive } from './postmaster-pid.js';

export const SUPERUSER = 'nyx';

/** Where an embedded PostgreSQL lives. Everything but `data` belongs to NYX' own account. */
export interface ClusterFolder {
  readonly data: string;
  readonly logFile: string;
  readonly password: string;
}

/**
 * Finds the cluster in `<dataDir>/postgres`, or makes it. A new one is made under another name and renamed when complete, so a
 * crash in between leaves none that is half made, and of two that start at once both use the one that was renamed first.
 */
export async function openClusterFolder(
  dataDir: string,
  binaries: PostgresBinaries,
  options: { readonly sync: boolean },
): Promise<ClusterFolder> {
  const root = join(dataDir, 'postgres');
  try {
    await mkdir(dataDir, { recursive: true, mode: binaries.account ? 0o711 : 0o700 });
    const existing = await readCluster(dataDir);
    if (existing) return existing;
    await removeAbandoned(dataDir);
    await makeCluster(dataDir, root, binaries, options);
    const made = await readCluster(dataDir);
    if (made) return made;
  } catch (error) {
    throw asStartError(dataDir, error);
  }
  throw new StartError(
    `The folder ${root} holds no database of NYX: move it away, or set NYX_DATA_DIR to another folder.`,
  );
}

/** Undefined: there is none. @throws StartError */
export async function readCluster(dataDir: string): Promise<ClusterFolder | undefined> {
  const root = join(dataDir, 'postgres');
  try {
    const password = (await readFile(join(root, 'password'), 'utf8')).trim();
    return { data: join(root, 'data'), logFile: join(root, 'postgres.log'), password };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw asStartError(dataDir, error);
  }
}

const temporaryPrefix = 'postgres.new-';

async function makeCluster(
  dataDir: string,
  root: string,
  binaries: PostgresBinaries,
  options: { readonly sync: boolean },
): Promise<void> {
  const temporary = join(dataDir, `${temporaryPrefix}${process.pid}-${randomBytes(4).toString('hex')}`);
  const folder = join(temporary, 'data');
  const passwordFile = join(temporary, 'password');
  const { account } = binaries;
  try {
    await mkdir(temporary, { mode: 0o700 });
    await mkdir(folder, { mode: 0o700 });
    await writeFile(passwordFile, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 });
    if (account) {
      await chmod(temporary, 0o711);
      await chown(folder, account.uid, account.gid);
      await chown(passwordFile, account.uid, account.gid);
    }
    await initdb(binaries, { folder, user: SUPERUSER, passwordFile, sync: options.sync });
    if (account) await chown(passwordFile, 0, 0);
    await rename(temporary, root);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    if (!['ENOTEMPTY', 'EEXIST'].includes(codeOf(error) ?? '')) throw error;
  }
}

/** Folders of starts that were killed while they made a cluster. */
async function removeAbandoned(dataDir: string): Promise<void> {
  for (const name of await readdir(dataDir)) {
    if (!name.startsWith(temporaryPrefix)) continue;
    const pid = Number(name.slice(temporaryPrefix.length).split('-')[0]);
    if (!isAlive(pid)) await rm(join(dataDir, name), { recursive: true, force: true });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EROFS: 'it is on a read-only file system',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  ENOTDIR: 'a part of the path is a file',
  EEXIST: 'it is a file',
  ENOSPC: 'the disk is full',
  ENOENT: 'it cannot be made',
};

/** One sentence for what the file system or `initdb` answered. */
export function asStartError(dataDir: string, error: unknown): StartError {
  if (error instanceof StartError) return error;
  const reason = REASONS[codeOf(error) ?? ''];
  if (reason !== undefined) {
    const message = `NYX cannot write to its data folder ${dataDir} because ${reason}: make it writable, or set NYX_DATA_DIR to another folder.`;
    return new StartError(message, { cause: error });
  }
  const stderr = isNativeError(error) && 'stderr' in error ? error.stderr : undefined;
  const said = typeof stderr === 'string' ? lastComplaint(stderr) : undefined;
  const why = said ?? (error instanceof Error ? error.message : String(error));
  return new StartError(`The embedded PostgreSQL could not be made in ${dataDir}: ${why.replace(/\.$/, '')}.`, {
    cause: error,
  });
}

/** The last line of PostgreSQL's output that says what went wrong with it, not what a client was refused meanwhile. */
export function lastComplaint(output: string): string | undefined {
  const complaints = output
    .split('\n')
    .filter((line) => /\b(FATAL|PANIC|error):/i.test(line) && !/ client backend (FATAL|PANIC|ERROR):/.test(line));
  return complaints
    .at(-1)
    ?.replace(/^.*?\b(?:FATAL|PANIC|error):\s*/i, '')
    .trim();
}
