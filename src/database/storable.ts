const REPLACEMENT = '\uFFFD';

/** PostgreSQL stores neither NUL nor half a surrogate pair, and a model or its provider may answer both. */
export const storableText = (text: string): string => text.replaceAll('\u0000', REPLACEMENT).toWellFormed();

/** JSON text for a jsonb parameter, every string in it storable. */
export const storableJson = (value: unknown): string =>
  JSON.stringify(value, (_key, member: unknown) => (typeof member === 'string' ? storableText(member) : member));
