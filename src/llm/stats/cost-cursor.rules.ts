import { invalid } from '../../http/problem.js';

/** A place in a list of costs: the rank (USD, or the day's number), exact, and the key of the last item. */
export interface CostCursor {
  readonly rank: string;
  readonly key: string;
}

const RANK = /^\d{1,20}(\.\d{1,10})?$/;

export const encodeCostCursor = ({ rank, key }: CostCursor): string =>
  Buffer.from(`${rank} ${key}`).toString('base64url');

/** @throws Problem VALIDATION_ERROR when `text` is not a cursor of ours */
export function decodeCostCursor(text: string): CostCursor {
  const decoded = Buffer.from(text, 'base64url').toString('utf8');
  const [rank = ''] = decoded.split(' ', 1);
  const key = decoded.slice(rank.length + 1);
  if (!RANK.test(rank) || key === '' || key.includes('\0')) throw invalid('cursor', 'is not a cursor of this list');
  return { rank, key };
}
