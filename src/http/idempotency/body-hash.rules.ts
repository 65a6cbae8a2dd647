import { createHash } from 'node:crypto';

/** SHA-256 (hex) of a JSON value, independent of the order of members. Absent and empty bodies are the same. */
export const bodyHash = (body: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(sorted(body ?? {})))
    .digest('hex');

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, sorted(member)]));
}
