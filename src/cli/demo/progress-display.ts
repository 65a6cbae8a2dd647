import { hasMoved, progressLine, type Progress } from './progress.rules.js';
import type { Screen } from './screen.js';

const TICK_MS = 100;

/** How far a workflow is: a line whenever it moved, or on a terminal one line that is rewritten, whose time runs on in between. */
export class ProgressDisplay {
  private last: Progress | undefined;
  private lastAtMs = 0;
  private readonly ticking: NodeJS.Timeout | undefined;

  constructor(private readonly screen: Screen) {
    if (screen.isTerminal) this.ticking = setInterval(() => this.tick(), TICK_MS);
  }

  show(now: Progress): void {
    const line = progressLine(now, this.screen.width);
    if (this.screen.isTerminal) this.screen.rewrite(line);
    else if (hasMoved(this.last, now)) this.screen.line(line);
    this.last = now;
    this.lastAtMs = performance.now();
  }

  end(): void {
    clearInterval(this.ticking);
  }

  private tick(): void {
    if (this.last === undefined) return;
    const elapsedMs = this.last.elapsed_ms + performance.now() - this.lastAtMs;
    this.screen.rewrite(progressLine({ ...this.last, elapsed_ms: elapsedMs }, this.screen.width));
  }
}
