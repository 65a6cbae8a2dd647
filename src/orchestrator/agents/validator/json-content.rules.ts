const FENCE = /^```(?:json)?\s*\n([\s\S]*?)\n```$/i;

/** The JSON text of a result: all of it, or what its one code fence holds. */
export function jsonTextOf(content: string): string {
  const text = content.trim();
  return FENCE.exec(text)?.[1]?.trim() ?? text;
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
