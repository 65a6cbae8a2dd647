/**
 * The beginning of a text, of at most so many code units. A character that would be halved is left out: half a surrogate pair is taken
 * neither by jsonb nor by the API of a model.
 */
export const cutTo = (text: string, most: number): string =>
  text
    .slice(0, most)
    .replace(/[\uD800-\uDBFF]$/, '')
    .toWellFormed();

/** Of what is too long the end is kept too: errors and conclusions stand there. */
const HEAD_SHARE = 0.75;

/**
 * The beginning and the end of a text that is too long, with how much is left out between.
 * @param maxBytes of what is kept, in UTF-8; the words about what is left out are on top
 * @param unreadBytes that are missing in the text already
 */
export function cutMiddle(text: string, maxBytes: number, unreadBytes = 0): string {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length <= maxBytes) return text;
  const head = startOfCharacter(bytes, Math.floor(maxBytes * HEAD_SHARE));
  const tail = startOfCharacter(bytes, bytes.length - (maxBytes - head));
  return [
    bytes.toString('utf8', 0, head),
    `[${tail - head + unreadBytes} of ${bytes.length + unreadBytes} bytes are left out here]`,
    bytes.toString('utf8', tail),
  ].join('\n');
}

/** Where the character begins that has this byte. */
export function startOfCharacter(bytes: Buffer, at: number): number {
  let start = at;
  while (start > 0 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start -= 1;
  return start;
}
