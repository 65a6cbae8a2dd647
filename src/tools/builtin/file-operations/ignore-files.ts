import type { Workspace, WorkspaceEntry } from '../../workspace/workspace.js';
import { WorkspaceError } from '../../workspace/workspace.js';
import { IgnoreRules, MAX_IGNORE_CHARS } from './ignore-rules.js';

const NAME = '.gitignore';
/** Where versions are kept; nothing of it is anybody's work. */
const REPOSITORY = '.git';

interface FolderRules {
  /** The folder's path with its `/`; empty for the workspace itself. */
  readonly prefix: string;
  readonly rules: IgnoreRules;
}

/** What the `.gitignore` files of a folder, of those above it and of those in it leave out, as git has it. */
export class IgnoreFiles {
  skippedRules = 0;
  /** Of the folders that lead to where the walk is, outermost first. */
  private active: FolderRules[] = [];

  constructor(private readonly workspace: Workspace) {}

  /** Before anything in the folder is asked about. A walk enters folders before what is in them, so those it has left are told by the path. */
  async enter(folder: string): Promise<void> {
    const prefix = folder === '.' ? '' : `${folder}/`;
    this.active = this.active.filter((outer) => prefix.startsWith(outer.prefix));
    const text = await this.read(`${prefix}${NAME}`);
    if (text === undefined) return;
    const rules = new IgnoreRules(text);
    this.skippedRules += rules.skippedRules;
    this.active.push({ prefix, rules });
  }

  /** The rules of every folder above, then the folder's own. */
  async enterFrom(folder: string): Promise<void> {
    const names = folder === '.' ? [] : folder.split('/');
    await this.enter('.');
    for (let count = 1; count <= names.length; count++) await this.enter(names.slice(0, count).join('/'));
  }

  ignores(entry: WorkspaceEntry): boolean {
    const isFolder = entry.type === 'directory';
    if (isFolder && entry.name === REPOSITORY) return true;
    // The innermost that says anything decides.
    for (let index = this.active.length - 1; index >= 0; index--) {
      const { prefix, rules } = this.active[index] ?? {};
      if (prefix === undefined || !rules || !entry.path.startsWith(prefix)) continue;
      const verdict = rules.verdict(`${entry.path.slice(prefix.length)}${isFolder ? '/' : ''}`);
      if (verdict) return verdict === 'ignored';
    }
    return false;
  }

  /** Undefined when there is none that can be read, as git has it: a link or a folder of that name is no rule. */
  private async read(path: string): Promise<string | undefined> {
    try {
      const { handle } = await this.workspace.openFile(path);
      try {
        const buffer = Buffer.alloc(MAX_IGNORE_CHARS);
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
        return buffer.toString('utf8', 0, bytesRead);
      } finally {
        await handle.close();
      }
    } catch (error) {
      if (error instanceof WorkspaceError) return undefined;
      throw error;
    }
  }
}
