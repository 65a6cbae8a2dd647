const PIECE = /\S{1,64}\s{0,64}|\s{1,64}/gu;

/** The text in pieces of about a word; together they are the text, and none ends within a character. */
export const piecesOf = (text: string): string[] => text.match(PIECE) ?? [];

/** As much of the text as has at most so many bytes of UTF-8; whole characters. */
export function firstBytes(text: string, most: number): string {
  // No unit of a text has more than three bytes.
  if (text.length * 3 <= most) return text;
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(Math.min(most, text.length * 3)));
  return text.slice(0, read);
}
