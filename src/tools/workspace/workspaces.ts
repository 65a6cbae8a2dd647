import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { AppConfig } from '../../config/app-config.js';
import { StartError } from '../../config/start-error.js';
import { Workspace } from './workspace.js';

const TRASH_SWEEP_MS = 3_600_000;

/** Whose files are where. */
@Injectable()
export class Workspaces implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(Workspaces.name);
  private readonly stopping = new AbortController();
  private shared: Workspace | undefined;
  private sweeping: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;

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
    const { shared } = this;
    this.later((now, signal) => shared.sweepTemporaries(now, signal));
    const sweepTrash = (): void => this.later((now, signal) => shared.sweepTrash(now, signal));
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
