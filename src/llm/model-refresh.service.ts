import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { AppConfig } from '../config/app-config.js';
import { withDeadline } from '../waiting/deadline.js';
import { ModelCatalog } from './model-catalog.js';
import { mayLookForUnknown, nextRefreshMs } from './model-refresh.rules.js';
import { LlmProvider } from './providers/provider.js';

const TIMEOUT_MS = 30_000;

/** Keeps the catalogue at what the provider lists, in the background: at start, every hour, and soon after an unknown model. */
@Injectable()
export class ModelRefresh implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(ModelRefresh.name);
  private readonly stopping = new AbortController();
  private isStarted = false;
  private isFailing = false;
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  /** When the last look for an unknown model began. */
  private lastForUnknownMs: number | undefined;

  constructor(
    private readonly config: AppConfig,
    private readonly catalog: ModelCatalog,
    private readonly provider: LlmProvider,
  ) {
    catalog.onUnknown(() => this.lookForUnknown());
  }

  /** Not by itself in tests, which count on what the built-in table says. */
  onApplicationBootstrap(): void {
    if (this.config.environment !== 'test') this.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.isStarted = false;
    clearTimeout(this.timer);
    this.stopping.abort();
    await this.running;
  }

  start(): void {
    if (this.isStarted || this.stopping.signal.aborted) return;
    this.isStarted = true;
    void this.refresh();
    this.schedule();
  }

  /** Looks once; a look under way is shared. Never rejects: what cannot be had or read leaves the catalogue as it is. */
  refresh(): Promise<void> {
    this.running ??= this.look().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  private lookForUnknown(): void {
    const nowMs = performance.now();
    if (!this.isStarted || !mayLookForUnknown(this.lastForUnknownMs, nowMs)) return;
    this.lastForUnknownMs = nowMs;
    void this.refresh();
  }

  private schedule(): void {
    this.timer = setTimeout(() => {
      void this.refresh();
      this.schedule();
    }, nextRefreshMs(Math.random())).unref();
  }

  private async look(): Promise<void> {
    const deadline = withDeadline(this.stopping.signal, TIMEOUT_MS);
    try {
      const listed = await this.provider.listModels?.(deadline.signal);
      if (listed === undefined) return;
      this.catalog.replace(listed);
      if (this.isFailing) this.logger.log('The list of models can be had again.');
      this.isFailing = false;
    } catch (error) {
      if (!this.isFailing && !this.stopping.signal.aborted) {
        this.logger.warn(`The list of models cannot be had, so what is known of them stays: ${messageOf(error)}`);
      }
      this.isFailing = true;
    } finally {
      deadline.dispose();
    }
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
