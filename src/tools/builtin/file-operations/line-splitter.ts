/** Cuts a text that comes in pieces into its lines, without holding more than one of them. */
export class LineSplitter {
  private parts: string[] = [];
  private kept = 0;
  private dropped = 0;

  /**
   * @param maxLineChars of a line, how many characters are kept
   * @param onLine gets each line without its line feed, and how many of its characters are missing
   */
  constructor(
    private readonly maxLineChars: number,
    private readonly onLine: (line: string, dropped: number) => void,
  ) {}

  push(text: string): void {
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      this.endLine(text, start, end);
      start = end + 1;
    }
    if (start < text.length) this.keep(text, start, text.length);
  }

  /** @returns whether there was a last line without a line feed */
  end(): boolean {
    if (this.kept + this.dropped === 0) return false;
    this.endLine('', 0, 0);
    return true;
  }

  private endLine(text: string, start: number, end: number): void {
    if (this.kept + this.dropped === 0 && end - start <= this.maxLineChars) {
      this.onLine(text.slice(start, end), 0);
      return;
    }
    this.keep(text, start, end);
    const line = this.parts.join('');
    const { dropped } = this;
    this.parts = [];
    this.kept = 0;
    this.dropped = 0;
    this.onLine(line, dropped);
  }

  private keep(text: string, start: number, end: number): void {
    const wanted = Math.min(end - start, this.maxLineChars - this.kept);
    if (wanted > 0) this.parts.push(text.slice(start, start + wanted));
    this.kept += wanted;
    this.dropped += end - start - wanted;
  }
}
