import { Logger } from '@nestjs/common';

const AGAIN_MS = 60_000;

/** Tells the log which part of health could not be asked and why: probes ask every few seconds, and say the same. */
export class FailedChecks {
  private readonly logger = new Logger('Health');
  private readonly told = new Map<string, { readonly message: string; readonly atMs: number }>();

  note(part: string, error: unknown): void {
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const before = this.told.get(part);
    const nowMs = performance.now();
    if (before?.message === message && nowMs - before.atMs < AGAIN_MS) return;
    this.told.set(part, { message, atMs: nowMs });
    const stack = error instanceof Error ? error.stack : undefined;
    this.logger.warn(`The health of ${part} could not be found out: ${stack ?? message}`);
  }

  forget(part: string): void {
    this.told.delete(part);
  }
}
