import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Workspace } from '../../src/tools/workspace/workspace.js';

export const SECRET = 'what nobody may read from inside';

/** A workspace beside things that are none of its business. */
export interface WorkspaceFolder {
  readonly workspace: Workspace;
  /** The folder that has both the workspace (`ws`) and what is outside. */
  readonly top: string;
  /** The path on the disk of something in the workspace. */
  readonly inside: (path: string) => string;
  /** The path on the disk of something beside it. */
  readonly outside: (path: string) => string;
  /** Everything outside, as path → content: what may never change. @param except names beside the workspace that are no files */
  outsideContents(except?: readonly string[]): Promise<Record<string, string>>;
  /** Which of the files outside were opened and read since `outsideContents` was called last. */
  outsideReads(): Promise<string[]>;
  remove(): Promise<void>;
}

const SENTINELS = ['secret.txt', 'folder/secret.txt', 'ws-evil/secret.txt'];
/** Older than the last change, so that file systems that note only some reads (relatime) note the next one. */
const LONG_AGO = new Date('2001-01-01T00:00:00Z');

/** Outside stand `secret.txt`, `folder/secret.txt`, and the prefix twin `ws-evil/secret.txt`. */
export async function makeWorkspace(): Promise<WorkspaceFolder> {
  const top = await mkdtemp(join(tmpdir(), 'nyx-workspace-'));
  return await workspaceFolderIn(top, await Workspace.open(join(top, 'ws')));
}

/** The same around a workspace that is there, in the folder `ws` of `top`. */
export async function workspaceFolderIn(top: string, workspace: Workspace): Promise<WorkspaceFolder> {
  for (const folder of ['folder', 'ws-evil']) await mkdir(join(top, folder));
  for (const file of ['secret.txt', 'folder/secret.txt', 'ws-evil/secret.txt'])
    await writeFile(join(top, file), SECRET);
  return {
    workspace,
    top,
    inside: (path) => join(top, 'ws', path),
    outside: (path) => join(top, path),
    outsideContents: async (except = []) => {
      const contents = await contentsOf(top, ['ws', ...except]);
      for (const file of SENTINELS) await utimes(join(top, file), LONG_AGO, new Date());
      return contents;
    },
    outsideReads: async () => {
      const times = await Promise.all(SENTINELS.map(async (file) => (await stat(join(top, file))).atimeMs));
      return SENTINELS.filter((_file, index) => times[index] !== LONG_AGO.getTime());
    },
    remove: () => rm(top, { recursive: true, force: true }),
  };
}

async function contentsOf(folder: string, except: readonly string[] = []): Promise<Record<string, string>> {
  const contents: Record<string, string> = {};
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (except.includes(entry.name)) continue;
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) contents[entry.name] = await readFile(path, 'utf8');
    else {
      contents[`${entry.name}/`] = '';
      for (const [inner, text] of Object.entries(await contentsOf(path))) contents[`${entry.name}/${inner}`] = text;
    }
  }
  return contents;
}

/** Through the workspace, whole. */
export async function readText(workspace: Workspace, path: string): Promise<string> {
  const file = await workspace.openFile(path);
  try {
    return await file.handle.readFile('utf8');
  } finally {
    await file.handle.close();
  }
}

/** The code of the refusal that `work` ends with; fails when it ends otherwise. */
export async function refusalOf(work: Promise<unknown>): Promise<string> {
  const outcome = await work.then(
    () => 'nothing',
    (error: unknown) => error,
  );
  if (outcome instanceof Error && 'code' in outcome && outcome.name === 'WorkspaceError') return String(outcome.code);
  throw new Error(
    `It was not refused but ended with: ${outcome instanceof Error ? (outcome.stack ?? '') : String(outcome)}`,
  );
}
