import { createHash } from 'node:crypto';
import { startOfCharacter } from '../../database/cut.rules.js';

export interface UntrustedPart {
  readonly attributes: Readonly<Record<string, string>>;
  readonly body: string;
  /** What is shown of a body that may be too long. Of it the imitations are gone already: what is cut cannot become one. */
  readonly shorten?: (body: string) => string;
}

/**
 * Data in a prompt: each part between two tags whose name nobody can know who wrote it, so that nothing in it can end them and speak
 * for the system.
 * @param kind of tag: lower case letters and underscores
 * @param seed the same for the same call, over replays
 */
export function untrustedText(kind: string, seed: string, parts: readonly UntrustedPart[]): string {
  const tag = `${kind}_${createHash('sha256').update(seed).digest('hex').slice(0, 16)}`;
  const imitation = new RegExp(`<(?=/?${kind})`, 'gi');
  return parts
    .map(({ attributes, body, shorten = (whole) => whole }) => {
      const described = Object.entries(attributes).map(
        ([name, value]) => ` ${name}="${value.replaceAll(/[^\w.:-]/g, '_')}"`,
      );
      const shown = shorten(body.replaceAll(tag, '[tag]').replaceAll(imitation, '['));
      return `<${tag}${described.join('')}>\n${shown}\n</${tag}>`;
    })
    .join('\n');
}

/** The beginning of a text that is too long, with a word that it is cut. */
export function cutText(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text, 'utf8');
  if (bytes.length <= maxBytes) return text;
  return `${bytes.toString('utf8', 0, startOfCharacter(bytes, maxBytes))} [cut]`;
}
