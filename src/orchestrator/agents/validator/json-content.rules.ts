const OPENING = /^```(?:json)?[^\S\n]*\n/i;
const CLOSING = '\n```';

/** The JSON text of a result: all of it, or what its one code fence holds. */
export function jsonTextOf(content: string): string {
  const text = content.trim();
  const opening = OPENING.exec(text)?.[0];
  const isFenced = opening !== undefined && text.endsWith(CLOSING) && text.length >= opening.length + CLOSING.length;
  return isFenced ? text.slice(opening.length, -CLOSING.length).trim() : text;
}

/** Undefined when it is none. */
export function jsonOf(content: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(jsonTextOf(content)) as unknown };
  } catch {
    return undefined;
  }
}

export const membersOf = (content: string): Readonly<Record<string, unknown>> | undefined => {
  const value = jsonOf(content)?.value;
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
};
