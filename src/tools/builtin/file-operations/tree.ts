import type { ToolContext } from '../../tool.js';
import type { WalkedEntry, WorkspaceEntry } from '../../workspace/workspace.js';
import { IgnoreFiles } from './ignore-files.js';
import { Pace } from './pace.js';

const TRASH = '.trash';

export interface TreeOptions {
  readonly maxDepth: number;
  /** Also what `.gitignore` files leave out, and `.git`. */
  readonly withIgnored: boolean;
}

/** What is in a folder, as operations look through it: without the trash, for as long as there is time. */
export class Tree implements AsyncIterable<WalkedEntry> {
  /** Whether there was no time for all of it. */
  isCutShort = false;
  readonly pace: Pace;
  private readonly ignored: IgnoreFiles | undefined;

  /** @param folder as it came; a file is all there is of it */
  constructor(
    private readonly folder: string,
    private readonly context: ToolContext,
    private readonly options: TreeOptions,
  ) {
    this.pace = new Pace(context);
    this.ignored = options.withIgnored ? undefined : new IgnoreFiles(context.workspace);
  }

  /** Rules of `.gitignore` files that were over the bounds. */
  get skippedRules(): number {
    return this.ignored?.skippedRules ?? 0;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<WalkedEntry> {
    const { workspace, signal } = this.context;
    const { maxDepth } = this.options;
    const start = await workspace.stat(this.folder);
    const { path } = start;
    if (start.type === 'file') {
      yield { ...start, depth: 0, open: () => workspace.openFile(path) };
      return;
    }
    await this.ignored?.enterFrom(path);
    const enter = (entry: WorkspaceEntry): boolean => entry.path !== TRASH && !this.ignored?.ignores(entry);
    for await (const entry of workspace.walk(path, { maxDepth, enter, signal })) {
      await this.pace.step();
      if (this.pace.isOver) {
        this.isCutShort = true;
        return;
      }
      if (entry.path === TRASH || this.ignored?.ignores(entry)) continue;
      if (entry.type === 'directory' && entry.depth < maxDepth) await this.ignored?.enter(entry.path);
      yield entry;
    }
  }
}
