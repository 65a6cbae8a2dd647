import type { WriteStream } from 'node:tty';
import { styleOf, WIDTH, wrapped, type Style } from './terminal.rules.js';

/** Standard output: plain lines, and on a terminal also one line at the end that is rewritten. */
export class Screen {
  readonly style: Style;
  private isLineOpen = false;

  constructor(private readonly output: WriteStream | NodeJS.WriteStream = process.stdout) {
    this.style = styleOf(output.isTTY && output.hasColors());
  }

  /** Whether lines can be rewritten. */
  get isTerminal(): boolean {
    return this.output.isTTY;
  }

  /** What a line may take without being wrapped by the terminal. */
  get width(): number {
    // A terminal that does not know its width says 0.
    return this.isTerminal && this.output.columns > 0 ? Math.min(WIDTH, this.output.columns - 1) : WIDTH;
  }

  line(text = ''): void {
    this.endLine();
    this.output.write(`${text}\n`);
  }

  lines(texts: readonly string[]): void {
    for (const text of texts) this.line(text);
  }

  paragraph(text: string, indent = ''): void {
    this.lines(wrapped(text, indent, this.width));
  }

  heading(text: string): void {
    this.lines(wrapped(text, '', this.width).map((line) => this.style.bold(line)));
  }

  /** Writes over the last line that was rewritten. */
  rewrite(text: string): void {
    this.output.write(`\r\u001b[2K${text}`);
    this.isLineOpen = true;
  }

  private endLine(): void {
    if (this.isLineOpen) this.output.write('\n');
    this.isLineOpen = false;
  }
}
