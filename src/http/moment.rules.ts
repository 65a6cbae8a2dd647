const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-](\d{2}):\d{2})$/;
/** PostgreSQL takes offsets of less than 16 hours; the world has none beyond 14. */
const MAX_OFFSET_HOURS = 15;
const FIRST_MS = Date.parse('0001-01-01T00:00:00Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** A moment as RFC 3339 writes it, of a day that exists, in the years 1 to 9999 (UTC): what PostgreSQL can read too. */
export function isMoment(text: string): boolean {
  const match = RFC_3339.exec(text);
  const atMs = Date.parse(text);
  if (match === null || Number.isNaN(atMs) || atMs < FIRST_MS || atMs > LAST_MS) return false;
  if (Number(match[1] ?? 0) > MAX_OFFSET_HOURS) return false;
  const day = text.slice(0, 10);
  return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
}
