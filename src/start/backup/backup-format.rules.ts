/** The two schemas that are NYX; everything else in the database is somebody else's. */
export const SCHEMAS = ['public', 'durable'] as const;

/**
 * A backup is a gzipped text: one line of JSON (BackupHead), then each table as a line of JSON (TableHead), its rows as COPY writes them and a line
 * `\.`, in an order that no reference points forward in; last a line of JSON (BackupEnd), without which it is not whole.
 */
export interface BackupHead {
  readonly nyx_backup: 1;
  readonly made_at: string;
  readonly migrations: readonly string[];
  /** Of the durable engine's schema; null: NYX never started on it. */
  readonly durable_version: number | null;
  readonly sequences: readonly { readonly name: string; readonly last_value: string; readonly is_called: boolean }[];
}

export interface TableHead {
  /** Quoted, with its schema. */
  readonly table: string;
  /** Quoted, without those that PostgreSQL generates. */
  readonly columns: readonly string[];
}

export interface BackupEnd {
  readonly rows: number;
}

export const END_OF_ROWS = '\\.\n';

/** The first line of a backup of this format, whether it has all that belongs to it or not. */
export const isOfBackup = (line: unknown): boolean => isObject(line) && line.nyx_backup === 1;

export const isBackupHead = (line: unknown): line is BackupHead =>
  isObject(line) &&
  typeof line.made_at === 'string' &&
  !Number.isNaN(Date.parse(line.made_at)) &&
  isNames(line.migrations) &&
  (line.durable_version === null || Number.isSafeInteger(line.durable_version)) &&
  Array.isArray(line.sequences) &&
  line.sequences.every(isSequence);

export const isTableHead = (line: unknown): line is TableHead =>
  isObject(line) && typeof line.table === 'string' && isNames(line.columns);

export const isBackupEnd = (line: unknown): line is BackupEnd => isObject(line) && Number.isSafeInteger(line.rows);

const isSequence = (state: unknown): boolean =>
  isObject(state) &&
  typeof state.name === 'string' &&
  typeof state.last_value === 'string' &&
  /^-?\d+$/.test(state.last_value) &&
  typeof state.is_called === 'boolean';

const isNames = (names: unknown): boolean =>
  Array.isArray(names) && names.length > 0 && names.every((name) => typeof name === 'string');

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
