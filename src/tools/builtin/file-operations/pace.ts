import { setImmediate } from 'node:timers/promises';
import type { ToolContext } from '../../tool.js';

/** Part of its time after which an operation answers with what it has. */
const USABLE_SHARE = 0.8;
/** How long nothing else may run. */
const SLICE_MS = 10;

/** Keeps a long operation from taking all of the process, and from losing what it found when its time is up. */
export class Pace {
  private readonly endsAtMs: number;
  private sliceEndsAtMs: number;

  constructor(private readonly context: ToolContext) {
    const now = performance.now();
    this.endsAtMs = now + context.timeoutMs * USABLE_SHARE;
    this.sliceEndsAtMs = now + SLICE_MS;
  }

  get isOver(): boolean {
    return performance.now() > this.endsAtMs;
  }

  /** To be called between pieces of work. @throws what the run was aborted with */
  async step(): Promise<void> {
    this.context.signal.throwIfAborted();
    if (performance.now() < this.sliceEndsAtMs) return;
    await setImmediate();
    this.sliceEndsAtMs = performance.now() + SLICE_MS;
  }
}
