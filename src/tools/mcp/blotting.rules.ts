import { cutTo } from '../../database/cut.rules.js';

const BLOT = '[secret]';

/** Takes secrets out of texts that come from where the secrets were given to. */
export type Blot = (text: string) => string;

/** @param secrets longest first */
export const blotOut =
  (secrets: readonly string[]): Blot =>
  (text) =>
    secrets.reduce((rest, secret) => rest.replaceAll(secret, BLOT), text);

/** Every text in a JSON value, its keys too. The value is not nested deeper than recursion goes. */
export function blotOutIn(value: unknown, blot: Blot): unknown {
  if (typeof value === 'string') return blot(value);
  if (Array.isArray(value)) return value.map((each) => blotOutIn(each, blot));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [blot(key), blotOutIn(each, blot)]));
}

/** One line of text for a message or a log line: bounded, without characters that are not seen. */
export function oneLine(text: string, maxLength: number): string {
  const line = cutTo(text, maxLength * 4)
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim();
  return line.length > maxLength ? `${cutTo(line, maxLength)}…` : line;
}
