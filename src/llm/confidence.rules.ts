/** What an answer says of how sure it is: a tag as the last line of a text, or the member `confidence` of a structured output. */
export type ConfidenceForm = 'tag' | 'member';

export interface Reported {
  /** 0..1; undefined where none was reported, or none that can be read. */
  readonly confidence?: number;
  /** The answer without the line that reports. */
  readonly content: string;
}

const TAG_LINE = /^[ \t]*<confidence>([^<>]{0,40})<\/confidence>$/;
const NUMBER = /^(?:0|1|0?\.\d{1,6}|0\.\d{1,6}|1\.0{1,6})$/;

/** Reads the tag where it is the whole last line. What fills it and is no number of 0..1 is cut off all the same. */
export function readTag(text: string): Reported {
  const trimmed = text.trimEnd();
  const lineStart = trimmed.lastIndexOf('\n') + 1;
  const [, said] = TAG_LINE.exec(trimmed.slice(lineStart)) ?? [];
  if (said === undefined) return { content: text };
  const content = trimmed.slice(0, lineStart).trimEnd();
  return NUMBER.test(said.trim()) ? { confidence: Number(said), content } : { content };
}

/** Of a structured output that has the member. */
export function readMember(json: unknown): number | undefined {
  if (typeof json !== 'object' || json === null || !('confidence' in json)) return undefined;
  const { confidence } = json;
  return typeof confidence === 'number' && confidence >= 0 && confidence <= 1 ? confidence : undefined;
}

/** As PostgreSQL counts a text: characters, not UTF-16 units. */
export function charactersOf(text: string): number {
  let pairs = 0;
  for (let at = 0; at < text.length; at += 1) {
    if ((text.codePointAt(at) ?? 0) > 0xffff) {
      pairs += 1;
      at += 1;
    }
  }
  return text.length - pairs;
}
