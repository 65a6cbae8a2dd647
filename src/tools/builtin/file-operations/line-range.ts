import { LineSplitter } from './line-splitter.js';
import { answerBytes, MAX_ANSWER_BYTES } from './limits.js';

const HALF_CHARACTER = /[\ud800-\udbff]$/;

/** Takes some lines out of a text that goes by, and counts all of them. */
export class LineRange {
  totalLines = 0;
  /** The last line that is in the content, if only in part. */
  endLine: number;
  private readonly lines: string[] = [];
  private bytes = 0;
  private isFull = false;
  private cutCharacters = 0;
  private endsWithLineFeed = true;
  private readonly splitter: LineSplitter;

  constructor(
    private readonly startLine: number,
    private readonly maxLines: number,
  ) {
    this.endLine = startLine - 1;
    this.splitter = new LineSplitter(MAX_ANSWER_BYTES, (line, dropped) => this.take(line, dropped));
  }

  push(text: string): void {
    this.splitter.push(text);
  }

  end(): void {
    this.endsWithLineFeed = !this.splitter.end();
  }

  /** The lines as they are in the file, with what ends them. */
  get content(): string {
    if (this.lines.length === 0) return '';
    const isAllThereIs = this.endLine === this.totalLines;
    const isUnended = this.cutCharacters > 0 || (isAllThereIs && !this.endsWithLineFeed);
    return this.lines.join('\n') + (isUnended ? '' : '\n');
  }

  /** Whether and how to read on. */
  get continuation(): { truncated: boolean; next_start_line?: number; hint?: string } {
    const next = this.endLine + 1;
    const hasMore = next <= this.totalLines;
    const cut =
      this.cutCharacters > 0 ? `Line ${this.endLine} is too long for an answer, and its end is missing. ` : '';
    if (!hasMore) return cut === '' ? { truncated: false } : { truncated: true, hint: cut.trim() };
    return { truncated: true, next_start_line: next, hint: `${cut}To read on, give start_line ${next}.` };
  }

  private take(line: string, dropped: number): void {
    this.totalLines += 1;
    if (this.isFull || this.totalLines < this.startLine) return;
    const bytes = answerBytes(line) + 2;
    if (this.bytes + bytes > MAX_ANSWER_BYTES || dropped > 0) {
      // A line that fits into no answer is told in part, and alone.
      if (this.lines.length === 0) this.keepPart(line, dropped);
      this.isFull = true;
      return;
    }
    this.bytes += bytes;
    this.lines.push(line);
    this.endLine = this.totalLines;
    this.isFull = this.lines.length >= this.maxLines;
  }

  private keepPart(line: string, dropped: number): void {
    let part = line;
    while (answerBytes(part) > MAX_ANSWER_BYTES) part = part.slice(0, Math.floor((part.length * 3) / 4));
    if (HALF_CHARACTER.test(part)) part = part.slice(0, -1);
    this.lines.push(part);
    this.cutCharacters = line.length - part.length + dropped;
    this.endLine = this.totalLines;
  }
}
