import type { Evidence, Motivation, Outlook, Proposal } from '../motivations/motivation.js';
import { Malformed } from './failure.rules.js';

const MAX_TARGET = 300;

interface Observed {
  readonly evidence: Evidence;
  /** 0..1 */
  readonly boost: number;
  /** Undefined: there is no reason, or nothing that could be done. */
  readonly proposal: Proposal | undefined;
}

/**
 * What a motivation makes of its evidence. The rows of a team's own query are whatever its table holds, whatever the types say: what
 * does not fit must not reach the record of the evaluation, or all motivations would fail with one.
 * @throws Malformed in words that may be shown, or what the motivation throws
 */
export function observedOf(motivation: Motivation, evidence: Evidence, outlook: Outlook): Observed {
  checkEvidence(evidence);
  const boost = evidence.count > 0 ? motivation.boost(evidence) : 0;
  if (!isWithin(boost, 1)) throw new Malformed('It asked for a boost that is no number from 0 to 1.');
  const proposal = boost > 0 ? motivation.propose(evidence, outlook) : undefined;
  if (proposal !== undefined) checkProposal(proposal);
  return { evidence, boost, proposal };
}

function checkEvidence({ count, summary, rows }: Partial<Record<keyof Evidence, unknown>>): void {
  if (!isWithin(count, Number.MAX_VALUE)) throw new Malformed('The count of its evidence is no number from 0.');
  if (typeof summary !== 'string') throw new Malformed('The summary of its evidence is no text.');
  if (!Array.isArray(rows) || !rows.every(isRow)) {
    throw new Malformed('The rows of its evidence are no list in which each has a kind and an id that are texts.');
  }
}

function checkProposal({ target, prompt, request }: Partial<Record<keyof Proposal, unknown>>): void {
  if (!isText(target) || target.length > MAX_TARGET) {
    throw new Malformed(`The target that it proposes is no text of 1 to ${MAX_TARGET} characters.`);
  }
  if (!isText(prompt)) throw new Malformed('The prompt that it proposes is no text.');
  if (!isObject(request) || !isObject(request.content)) throw new Malformed('What it proposes has no request.');
}

const isRow = (row: unknown): boolean => isObject(row) && isText(row.kind) && isText(row.id);
const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const isWithin = (value: unknown, most: number): boolean => typeof value === 'number' && value >= 0 && value <= most;
