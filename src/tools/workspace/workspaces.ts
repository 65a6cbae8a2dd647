import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { AppConfig } from '../../config/app-config.js';
import { StartError } from '../../config/start-error.js';
import { Workspace } from './workspace.js';

/** Whose files are where. */
@Injectable()
export class Workspaces implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(Workspaces.name);
  private readonly stopping = new AbortController();
  private shared: Workspace | undefined;
  private sweeping: Promise<void> = Promise.resolve();

  constructor(private readonly config: AppConfig) {}

  /** The workspace of a principal: today all have the same one. */
  of(_principalId: string): Workspace {
    if (!this.shared) throw new Error('The workspace is used before the start.');
    return this.shared;
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
    this.sweeping = this.sweep(this.shared);
  }

  async onModuleDestroy(): Promise<void> {
    this.stopping.abort();
    await this.sweeping;
  }

  private async sweep(workspace: Workspace): Promise<void> {
    try {
      await workspace.sweep(new Date(), this.stopping.signal);
    } catch (error) {
      if (!this.stopping.signal.aborted) this.logger.warn('The workspace could not be swept.', error);
    }
  }
}
