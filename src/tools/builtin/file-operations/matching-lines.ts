import { LineSplitter } from './line-splitter.js';
import type { LinePattern } from './pattern.rules.js';

/** Characters of a line that are told. */
const SHOWN_CHARS = 500;
const SHOWN_BEFORE_MATCH = 100;

export interface LineMatch {
  /** From 1. */
  readonly line: number;
  /** Of where the match begins, in characters from 1. */
  readonly column: number;
  readonly text: string;
  readonly before?: readonly string[];
  readonly after?: string[];
}

/** Finds a pattern in the lines of a text that goes by. Holds the matches and as many lines as are told before one. */
export class MatchingLines {
  readonly matches: LineMatch[] = [];
  /** Lines of which the end was not looked at, because they are very long. */
  cutLines = 0;
  private lineNumber = 0;
  private readonly before: string[] = [];
  private readonly splitter: LineSplitter;

  constructor(
    private readonly pattern: LinePattern,
    private readonly contextLines: number,
    private readonly maxMatches: number,
  ) {
    this.splitter = new LineSplitter(pattern.maxLineChars, (line, dropped) => this.look(line, dropped));
  }

  /** Whether more text can add nothing. */
  get isFull(): boolean {
    const last = this.matches.at(-1);
    return this.matches.length >= this.maxMatches && this.lineNumber - (last?.line ?? 0) >= this.contextLines;
  }

  push(text: string): void {
    this.splitter.push(text);
  }

  end(): void {
    this.splitter.end();
  }

  private look(line: string, dropped: number): void {
    this.lineNumber += 1;
    if (dropped > 0) this.cutLines += 1;
    const text = line.endsWith('\r') ? line.slice(0, -1) : line;
    if (this.contextLines > 0) this.showAfterMatches(text);
    if (this.matches.length < this.maxMatches && this.pattern.isIn(text)) this.keep(text);
    if (this.contextLines > 0) {
      this.before.push(text);
      if (this.before.length > this.contextLines) this.before.shift();
    }
  }

  private keep(text: string): void {
    const { start } = this.pattern.find(text) ?? { start: 0 };
    const match = { line: this.lineNumber, column: start + 1, text: shown(text, start) };
    if (this.contextLines === 0) this.matches.push(match);
    else this.matches.push({ ...match, before: this.before.map((line) => shown(line, 0)), after: [] });
  }

  private showAfterMatches(text: string): void {
    for (let index = this.matches.length - 1; index >= 0; index--) {
      const match = this.matches[index];
      if (!match || this.lineNumber - match.line > this.contextLines) return;
      match.after?.push(shown(text, 0));
    }
  }
}

/** A line, or the part of a long one that has the match. */
function shown(line: string, matchStart: number): string {
  const from =
    line.length <= SHOWN_CHARS ? 0 : Math.max(0, Math.min(matchStart - SHOWN_BEFORE_MATCH, line.length - SHOWN_CHARS));
  const part = line.slice(from, from + SHOWN_CHARS);
  const text = `${from > 0 ? '…' : ''}${part}${from + SHOWN_CHARS < line.length ? '…' : ''}`;
  // A part of a string holds all of it in memory; so this is a string of its own.
  return Buffer.from(text).toString();
}
