const WINDOW_MS = 10_000;
const MAX_LINES_IN_WINDOW = 50;
const MAX_LINE_BYTES = 1_000;

/** What a program writes beside its work, as lines for a log: cut when they are long, dropped when they are many. */
export class StderrLines {
  private readonly decoder = new TextDecoder();
  private partial = '';
  private windowStartMs = 0;
  private count = 0;
  private lastLine = '';

  constructor(private readonly write: (line: string) => void) {}

  /** The last line that was not empty. */
  get last(): string {
    return this.partial.trim() === '' ? this.lastLine : this.partial;
  }

  push(chunk: Buffer, nowMs: number): void {
    const lines = (this.partial + this.decoder.decode(chunk, { stream: true })).split('\n');
    this.partial = (lines.pop() ?? '').slice(0, MAX_LINE_BYTES);
    for (const line of lines) this.take(line.slice(0, MAX_LINE_BYTES), nowMs);
  }

  private take(line: string, nowMs: number): void {
    if (line.trim() === '') return;
    this.lastLine = line;
    if (nowMs - this.windowStartMs > WINDOW_MS) {
      this.windowStartMs = nowMs;
      this.count = 0;
    }
    this.count += 1;
    if (this.count <= MAX_LINES_IN_WINDOW) this.write(line);
  }
}
