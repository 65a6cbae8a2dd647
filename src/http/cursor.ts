import { isMoment } from './moment.rules.js';
import { invalid } from './problem.js';
import { isUuid } from './uuid.rules.js';

/** A place in a list ordered by (time, id). `at` has microseconds, as `exactTime` selects it. */
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

/** Before every row, so that a page needs no other SQL where there is no cursor: with `$1 IS NULL OR` no index would have a place for it. */
const BEFORE_NEWEST: Cursor = { at: 'infinity', id: 'ffffffff-ffff-ffff-ffff-ffffffffffff' };
const BEFORE_OLDEST: Cursor = { at: '-infinity', id: '00000000-0000-0000-0000-000000000000' };

/** Where a page of a list begins that is ordered newest first. @throws Problem VALIDATION_ERROR when `text` is not a cursor of ours */
export const placeAfter = (text: string | undefined): Cursor =>
  text === undefined ? BEFORE_NEWEST : decodeCursor(text);

/** The same of a list that is ordered oldest first. */
export const placeAfterOldest = (text: string | undefined): Cursor =>
  text === undefined ? BEFORE_OLDEST : decodeCursor(text);

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
