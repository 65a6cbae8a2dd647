import { invalid } from '../../http/problem.js';

/** A place in a list of costs: the rank (USD, or the day's number), exact, and the key of the last item. */
export interface CostCursor {
  readonly rank: string;
  readonly key: string;
}

const RANK = /^\d{1,20}(\.\d{1,10})?$/;

/** @param by what the costs are listed by: each is a list of its own */
export const encodeCostCursor = (by: string, { rank, key }: CostCursor): string =>
  Buffer.from(`${by} ${rank} ${key}`).toString('base64url');

/** @throws Problem VALIDATION_ERROR when `text` is not a cursor of the list by `by` */
export function decodeCostCursor(by: string, text: string): CostCursor {
  const decoded = Buffer.from(text, 'base64url').toString('utf8');
  const [of = '', rank = ''] = decoded.split(' ', 2);
  const key = decoded.slice(of.length + rank.length + 2);
  if (of !== by || !RANK.test(rank) || key === '' || key.includes('\0'))
    throw invalid('cursor', 'is not a cursor of this list');
  return { rank, key };
}
