import { accessSync, constants, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, readdir, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
import type { AppConfig } from '../../config/app-config.js';
import { PACKAGE_FOLDER } from '../../config/release.js';
import { ControlGroups } from './control-groups.js';
import { inheritedDescriptors } from './inherited-descriptors.js';
import { ReadOnlyDevices } from './read-only-devices.js';
import { isAbandoned, ownedPrefix } from './owned-names.js';
import { PipeStock } from './pipes.js';
import { removeFolder } from './removed-folder.js';
import { seccompFilter } from './seccomp.rules.js';
import { systemView } from './system-view.js';
import { NOT_INSTALLED, NOT_LINUX, UNBOUNDED_ROOT, UNKNOWN_PROCESSOR } from './unavailable.rules.js';

/** This machine cannot run a sandbox; the message says what to do. */
export class NoSandbox extends Error {}

/** What all sandboxes of this process share. */
export interface SandboxHost {
  readonly bubblewrap: string;
  readonly searchPath: string;
  /** Of this process alone; removed at its end or by the next start. */
  readonly folder: string;
  readonly pipes: PipeStock;
  /** Makes an empty one in `folder`. */
  makeFolder(): Promise<string>;
  /** Where this process may make them. */
  readonly groups: ControlGroups | undefined;
  /** Undefined: this process does not own those of the machine. */
  readonly devices: ReadOnlyDevices | undefined;
  /** Removes what it made. */
  close(): Promise<void>;
  readonly system: readonly string[];
  /** A file with the filter of system calls. */
  readonly filter: string;
  /** Descriptors of this process that its children have too, and a sandbox must not. */
  readonly inherited: readonly number[];
}

/** @throws NoSandbox */
export async function prepareHost(config: AppConfig): Promise<SandboxHost> {
  if (process.platform !== 'linux') throw new NoSandbox(NOT_LINUX);
  const { searchPath } = config.tools;
  const bubblewrap = findProgram('bwrap', searchPath);
  if (bubblewrap === undefined) throw new NoSandbox(NOT_INSTALLED);
  const program = seccompFilter(process.arch);
  if (!program) throw new NoSandbox(UNKNOWN_PROCESSOR);
  const groups = await ControlGroups.find();
  const isMachineRoot = runsAsMachineRoot();
  if (isMachineRoot && !groups) throw new NoSandbox(UNBOUNDED_ROOT);
  await removeAbandoned(groups);
  const folder = await realpath(await mkdtemp(join(tmpdir(), ownedPrefix())));
  const filter = join(folder, 'filter');
  writeFileSync(filter, program, { mode: 0o400 });
  const hidden = [config.dataDir, config.workspaceDir, PACKAGE_FOLDER];
  const devices = isMachineRoot ? new ReadOnlyDevices(searchPath) : undefined;
  return {
    bubblewrap,
    searchPath,
    folder,
    pipes: new PipeStock(folder, searchPath),
    makeFolder: () => mkdtemp(join(folder, 'run-')),
    groups,
    devices,
    system: systemView({ node: process.execPath, folder, hidden }),
    filter,
    inherited: inheritedDescriptors(),
    close: async () => {
      devices?.close();
      await removeFolder(folder);
    },
  };
}

/** Removes what processes of NYX left behind that were killed. Their sandboxes died with them. */
export async function removeAbandoned(groups: ControlGroups | undefined): Promise<void> {
  await groups?.sweep();
  for (const name of (await readdir(tmpdir())).filter(isAbandoned)) {
    // Another user's is not ours to remove.
    await removeFolder(join(tmpdir(), name)).catch(() => undefined);
  }
}

function findProgram(name: string, searchPath: string): string | undefined {
  return searchPath
    .split(delimiter)
    .filter((folder) => isAbsolute(folder))
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Root of a user namespace, as in a rootless container, is an ordinary user to the kernel. */
function runsAsMachineRoot(): boolean {
  return process.geteuid?.() === 0 && /^\s*0\s+0\s/.test(readFileSync('/proc/self/uid_map', 'utf8'));
}
