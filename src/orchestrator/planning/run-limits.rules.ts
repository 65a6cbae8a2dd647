import { Decimal } from 'decimal.js';
import type { ExecutionSettings } from './execution-settings.rules.js';

/** Sub-orchestrators go three levels below the top unless `max_recursion_depth` says otherwise. */
const USUAL_MAX_DEPTH = 4;
/** Small limits are used whole, whatever the parallelization. */
const FEW_AGENTS = { conservative: 2, balanced: 8, aggressive: Infinity } as const;
const SHARE_OF_AGENTS = { conservative: 0.25, balanced: 0.5, aggressive: 1 } as const;

/** A subtask that is decomposed is expected to cost as much as so many others. */
const WEIGHT_OF_DECOMPOSED = 3;
/** No share is less than this while there is so much: one call's worst case would not fit into less. In USD. */
const LEAST_SHARE_USD = new Decimal('0.5');
const MONEY_DECIMALS = 10;

/** The deepest that a thought of a workflow may be; the root has 0. `most` is the system's limit. */
export const maxDepthOf = ({ maxRecursionDepth }: Pick<ExecutionSettings, 'maxRecursionDepth'>, most: number): number =>
  Math.min(maxRecursionDepth ?? USUAL_MAX_DEPTH, most);

/**
 * How many agents of a workflow work at once from its start on, out of those it may have: aggressive all, balanced half but not
 * fewer than 8, conservative a quarter but not fewer than 2; never more than its limit.
 */
export function agentsAtOnce({
  maxConcurrentAgents: limit,
  parallelization,
}: Pick<ExecutionSettings, 'maxConcurrentAgents' | 'parallelization'>): number {
  const share = Math.ceil(limit * SHARE_OF_AGENTS[parallelization]);
  return Math.min(limit, Math.max(share, FEW_AGENTS[parallelization]));
}

/** Subtasks of one orchestrator that have not ended, what the share is for included. */
export interface OpenSubtasks {
  readonly plain: number;
  readonly decomposed: number;
}

/**
 * What a sub-orchestrator may spend, in USD, of what its parent has left: as much as others that are decomposed, more than a plain
 * subtask, with something kept for the synthesis. It is a cap: what it leaves is its parent's again, and its parent's own
 * limit holds as well. Undefined: no limit.
 */
export function budgetShare(leftUsd: Decimal | undefined, { plain, decomposed }: OpenSubtasks): Decimal | undefined {
  if (leftUsd === undefined) return undefined;
  const synthesis = 1;
  const parts = plain + decomposed * WEIGHT_OF_DECOMPOSED + synthesis;
  const fair = leftUsd.times(WEIGHT_OF_DECOMPOSED).div(parts).toDecimalPlaces(MONEY_DECIMALS, Decimal.ROUND_DOWN);
  return Decimal.max(fair, Decimal.min(leftUsd, LEAST_SHARE_USD));
}

/** An orchestrator that works again. */
export interface ActiveOrchestrator {
  readonly id: string;
  /** Undefined: the top one, whose limit stays. */
  readonly parentId: string | undefined;
  /** Undefined: no limit. */
  readonly leftUsd: Decimal | undefined;
  /** An admin set its limit, which goes before its share. */
  readonly keepsLimit: boolean;
  readonly subtasks: OpenSubtasks;
}

/** What each may spend of what its parent will have left then, by id, without the top one. @param active parents first */
export function sharesAnew(active: readonly ActiveOrchestrator[]): Map<string, Decimal | undefined> {
  const byId = new Map(active.map((each) => [each.id, each]));
  const shares = new Map<string, Decimal | undefined>();
  for (const { id, parentId } of active) {
    const parent = parentId === undefined ? undefined : byId.get(parentId);
    if (parent === undefined) continue;
    const leftUsd = shares.has(parent.id) && !parent.keepsLimit ? shares.get(parent.id) : parent.leftUsd;
    shares.set(id, budgetShare(leftUsd, parent.subtasks));
  }
  return shares;
}
