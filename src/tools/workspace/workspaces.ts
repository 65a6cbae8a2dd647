import { join } from 'node:path';
import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { AppConfig } from '../../config/app-config.js';
import { StartError } from '../../config/start-error.js';
import { folderOf, PRINCIPALS } from './principal-folder.js';
import { isRefusal } from './workspace-error.js';
import { Workspace } from './workspace.js';

const TRASH_SWEEP_MS = 3_600_000;

/** Whose files are where. */
@Injectable()
export class Workspaces implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(Workspaces.name);
  private readonly stopping = new AbortController();
  private readonly opened = new Map<string, Workspace>();
  private shared: Workspace | undefined;
  private sweeping: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly config: AppConfig) {}

  /** The workspace of a principal: all have the same one, or with ISOLATE_PRINCIPALS each its own, made when it is first asked for. */
  of(principalId: string): Workspace {
    if (!this.shared) throw new Error('The workspace is used before the start.');
    if (!this.config.isolatePrincipals) return this.shared;
    const workspace = this.opened.get(principalId) ?? Workspace.at(folderOf(this.config, principalId));
    this.opened.set(principalId, workspace);
    return workspace;
  }

  /** @throws StartError when there can be no workspace */
  async onModuleInit(): Promise<void> {
    const { workspaceDir } = this.config;
    try {
      this.shared = await Workspace.open(workspaceDir);
    } catch (error) {
      throw new StartError(`NYX_WORKSPACE must be a folder that can be made and written, and ${workspaceDir} is not.`, {
        cause: error,
      });
    }
    const { shared } = this;
    // Goes through everything, the folders of principals too.
    this.later((now, signal) => shared.sweepTemporaries(now, signal));
    const sweepTrash = (): void =>
      this.later((now, signal) => eachWorkspace(shared, (workspace) => workspace.sweepTrash(now, signal)));
    sweepTrash();
    this.timer = setInterval(sweepTrash, TRASH_SWEEP_MS).unref();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    this.stopping.abort();
    await this.sweeping;
  }

  /** One sweep after the other, beside everything else. */
  private later(sweep: (now: Date, signal: AbortSignal) => Promise<void>): void {
    const { signal } = this.stopping;
    this.sweeping = this.sweeping
      .then(() => sweep(new Date(), signal))
      .catch((error: unknown) => {
        if (!signal.aborted) this.logger.warn('The workspace could not be swept.', error);
      });
  }
}

/** The shared one and those of principals, also of such as are kept apart no longer. What fails keeps no other from its turn. */
async function eachWorkspace(shared: Workspace, sweep: (workspace: Workspace) => Promise<void>): Promise<void> {
  let failure: unknown;
  const note = (error: unknown): void => {
    failure = error;
  };
  await sweep(shared).catch(note);
  try {
    for await (const { path, type } of shared.walk(PRINCIPALS, { maxDepth: 1 })) {
      if (type === 'directory') await sweep(Workspace.at(join(shared.directory, path))).catch(note);
    }
  } catch (error) {
    if (!isRefusal(error, 'not_found', 'not_directory', 'symbolic_link')) throw error;
  }
  if (failure !== undefined) throw failure as Error;
}
