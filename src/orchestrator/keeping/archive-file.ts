/**
 * An archive is gzipped NDJSON: an ArchiveHead, then each row as `{"table":…,"row":…}` with the row as PostgreSQL writes it, every row after those that it
 * refers to; last an ArchiveEnd, without which it is not whole.
 */
export interface ArchiveHead {
  readonly nyx_archive: 1;
  readonly made_at: string;
}

export interface ArchiveEnd {
  readonly rows: number;
}

export interface ArchivedRow {
  readonly table: string;
  readonly row: Readonly<Record<string, unknown>>;
}

/** Before the text of the row; a `}` comes after it. */
export const rowPrefix = (table: string): string => `{"table":"${table}","row":`;

/** The text of the row in its line, of which nothing of a number is lost; undefined where the line is not as it is written. */
export function rowTextOf({ table }: ArchivedRow, line: string): string | undefined {
  const prefix = rowPrefix(table);
  return line.startsWith(prefix) && line.endsWith('}') ? line.slice(prefix.length, -1) : undefined;
}

export const isArchiveHead = (line: unknown): line is ArchiveHead =>
  isObject(line) &&
  line.nyx_archive === 1 &&
  typeof line.made_at === 'string' &&
  !Number.isNaN(Date.parse(line.made_at));

export const isArchiveEnd = (line: unknown): line is ArchiveEnd => isObject(line) && Number.isSafeInteger(line.rows);

export const isArchivedRow = (line: unknown): line is ArchivedRow =>
  isObject(line) &&
  Object.keys(line).length === 2 &&
  typeof line.table === 'string' &&
  isObject(line.row) &&
  Object.keys(line.row).length > 0;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
