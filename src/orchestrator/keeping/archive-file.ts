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
