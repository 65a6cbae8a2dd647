import { WIDTH, wrapped } from './terminal.rules.js';

/** The first lines of a text, wrapped, and how many more there are. */
export function firstLines(text: string, most: number, width = WIDTH): string[] {
  const lines = wrapped(text.trim(), '  ', width);
  const more = lines.length - most;
  if (more <= 1) return lines;
  return [...lines.slice(0, most), `  … and ${more} more lines`];
}
