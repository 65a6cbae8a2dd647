import { Injectable, Logger } from '@nestjs/common';
import { AsyncResource } from 'node:async_hooks';

type Log = (entry: unknown, details?: object) => void;

/** What DBOS tells, as lines of NYX. */
@Injectable()
export class DurableLog {
  private readonly logger = new Logger('Durable');
  private readonly failures = new WeakMap<Error, () => void>();

  /**
   * A function stopped on what nobody foresaw. It is told when DBOS keeps it as the end of the function, and so by nobody who lost his
   * claim meanwhile.
   * @returns what the function has to throw
   */
  failureOf(workflowId: string, thrown: unknown): Error {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    const tell = (): void =>
      this.logger.error(`Workflow ${workflowId} stopped on an internal error: ${error.stack ?? error.message}`);
    this.failures.set(error, AsyncResource.bind(tell));
    return error;
  }

  forDbos(): { info: Log; debug: Log; warn: Log; error: Log } {
    return {
      info: (entry) => this.logger.debug(text(entry)),
      debug: (entry) => this.logger.verbose(text(entry)),
      warn: (entry) => this.logger.debug(text(entry)),
      error: (entry, details) => {
        const { error } = (details ?? {}) as { error?: unknown };
        const tell = error instanceof Error ? this.failures.get(error) : undefined;
        if (tell === undefined) this.logger.warn(text(entry));
        else tell();
      },
    };
  }
}

const text = (entry: unknown): string => (entry instanceof Error ? `${entry.name}: ${entry.message}` : String(entry));
