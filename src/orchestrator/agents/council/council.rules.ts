import type { Complexity } from '../../planning/complexity.rules.js';

export const COUNCIL_ROLES = ['engineer', 'strategist', 'dissenter', 'analyst', 'facilitator'] as const;
export type CouncilRole = (typeof COUNCIL_ROLES)[number];

/** Who sits in every council. */
export const COUNCIL_CORE: readonly CouncilRole[] = ['engineer', 'strategist', 'dissenter'];

/** Who sits in a council: an analyst where there is much to know, a facilitator where much is at stake. Undefined: nobody assessed it. */
export function membersFor(complexity: Partial<Complexity> | undefined): CouncilRole[] {
  const isHigh = (...dimensions: (keyof Complexity)[]): boolean =>
    dimensions.some((dimension) => complexity?.[dimension] === 'high' || complexity?.[dimension] === 'critical');
  return [
    ...COUNCIL_CORE,
    ...(isHigh('technical', 'data', 'scope') ? (['analyst'] as const) : []),
    ...(isHigh('risk', 'coordination') || complexity?.overall === 'critical' ? (['facilitator'] as const) : []),
  ];
}

export interface Vote {
  readonly role: CouncilRole;
  /** The id of an option. */
  readonly vote: string;
  /** 0..1 */
  readonly confidence: number;
}

export const CONSENSUS_LEVELS = ['none', 'majority', 'strong', 'unanimous'] as const;

export interface Consensus {
  /** The option with most votes; of equals the one voted for with more confidence, then the one that was listed first. */
  readonly winner: string;
  readonly votes: Readonly<Record<string, number>>;
  /** The winner's share of the votes, 0..1. */
  readonly share: number;
  readonly level: (typeof CONSENSUS_LEVELS)[number];
  /** At least two thirds agree. */
  readonly reached: boolean;
}

const AGREEMENT = 2 / 3;

/** `options` are ids in their order. Votes for others do not count. Undefined without any that does. */
export function consensusOf(options: readonly string[], votes: readonly Vote[]): Consensus | undefined {
  const cast = votes.filter(({ vote }) => options.includes(vote));
  const tally = options.map((option, index) => {
    const own = cast.filter(({ vote }) => vote === option);
    return { option, index, count: own.length, weight: own.reduce((sum, { confidence }) => sum + confidence, 0) };
  });
  const [first] = tally.toSorted((a, b) => b.count - a.count || b.weight - a.weight || a.index - b.index);
  if (first === undefined || cast.length === 0) return undefined;
  const share = first.count / cast.length;
  const reached = share >= AGREEMENT;
  return {
    winner: first.option,
    votes: Object.fromEntries(tally.filter(({ count }) => count > 0).map(({ option, count }) => [option, count])),
    share,
    level: share === 1 ? 'unanimous' : reached ? 'strong' : share > 0.5 ? 'majority' : 'none',
    reached,
  };
}
