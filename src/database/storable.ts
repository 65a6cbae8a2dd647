const REPLACEMENT = '\uFFFD';

/** PostgreSQL stores neither NUL nor half a surrogate pair, and a model or its provider may answer both. */
export const storableText = (text: string): string => text.replaceAll('\u0000', REPLACEMENT).toWellFormed();

/** How JSON text has what cannot be stored; also what only looks like it, behind another backslash. */
const UNSTORABLE = /\\u(?:0000|d[89a-f])/;

/** JSON text for a jsonb parameter, every text and every name in it storable. */
export function storableJson(value: unknown): string {
  const text = JSON.stringify(value);
  return UNSTORABLE.test(text) ? JSON.stringify(storableValue(JSON.parse(text), Infinity)) : text;
}

/** Deeper values exhaust the stack of whoever reads them, PostgreSQL's too. */
const MAX_DEPTH = 100;

/** A JSON value with every text and every name in it storable; what lies deeper than 100 levels is null. */
export function storableValue(value: unknown, levels = MAX_DEPTH): unknown {
  if (typeof value === 'string') return storableText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (levels === 0) return null;
  if (Array.isArray(value)) return value.map((item) => storableValue(item, levels - 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [storableText(name), storableValue(member, levels - 1)]),
  );
}
