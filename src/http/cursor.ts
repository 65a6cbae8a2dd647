import { isMoment } from './moment.rules.js';
import { invalid } from './problem.js';
import { isUuid } from './uuid-param.js';

/** A place in a list ordered newest first by (time, id). `at` has microseconds, as `exactTime` selects it. */
export interface Cursor {
  readonly at: string;
  readonly id: string;
}

/** As `exactTime` writes it. */
const EXACT_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$/;

/** SQL that selects a timestamptz as UTC text with microseconds: a JavaScript Date would lose them, and the list rows. */
export const exactTime = (column: string): string =>
  `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

export const encodeCursor = ({ at, id }: Cursor): string => Buffer.from(`${at} ${id}`).toString('base64url');

/** @throws Problem VALIDATION_ERROR when `text` is not a cursor of ours */
export function decodeCursor(text: string): Cursor {
  const [at = '', id = '', ...rest] = Buffer.from(text, 'base64url').toString('utf8').split(' ');
  const isCursor = EXACT_TIME.test(at) && isMoment(at) && isUuid(id) && rest.length === 0;
  if (!isCursor) throw invalid('cursor', 'is not a cursor of this list');
  return { at, id };
}

export interface Page<Item> {
  readonly items: Item[];
  readonly next_cursor: string | null;
}

/** Cuts a page out of `limit + 1` rows that were read to see whether more follow. */
export function pageOf<Row extends Cursor, Item>(
  rows: readonly Row[],
  limit: number,
  present: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return { items: shown.map(present), next_cursor: last ? encodeCursor(last) : null };
}
