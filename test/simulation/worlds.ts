import type { Outcome, World } from './simulator.js';

/** What so much evidence gives, as the motivations have it; for coverage and idleness 1 says that the condition holds. */
const BOOSTS: Readonly<Record<string, (count: number) => number>> = {
  resolve_unfinished_tasks: (failed) => Math.min(0.1 * failed, 0.5),
  refine_low_confidence: (outputs) => Math.min(0.05 * outputs, 0.3),
  explore_recent_failure: (tools) => Math.min(0.1 * tools, 0.4),
  maximize_coverage: (holds) => 0.2 * holds,
  revisit_old_thoughts: (thoughts) => Math.min(0.05 * thoughts, 0.25),
  idle_exploration: (holds) => 0.3 * holds,
};
type Type =
  | 'resolve_unfinished_tasks'
  | 'refine_low_confidence'
  | 'explore_recent_failure'
  | 'maximize_coverage'
  | 'revisit_old_thoughts'
  | 'idle_exploration';

/** @param counts of the evidence at an hour; a type that is left out finds none */
const evidence =
  (counts: (hour: number) => Partial<Record<Type, number>>): World['boost'] =>
  (type, hour) =>
    BOOSTS[type]?.(counts(hour)[type as Type] ?? 0) ?? 0;

export const leastEvidence = evidence(() => ALL_HOLD);

const ALL_HOLD = {
  resolve_unfinished_tasks: 1,
  refine_low_confidence: 1,
  explore_recent_failure: 1,
  maximize_coverage: 1,
  revisit_old_thoughts: 1,
  idle_exploration: 1,
};

export const WELL: Outcome = { status: 'completed', minutes: 3, costUsd: 0.03 };
const SLOWLY: Outcome = { status: 'completed', minutes: 25, costUsd: 0.1, agents: 4, failedAgents: 1 };
const BADLY: Outcome = { status: 'failed', minutes: 40, costUsd: 0.2, agents: 3, failedAgents: 3 };

const dayOf = (hour: number): number => Math.floor(hour / 24);
const isBetween = (value: number, from: number, before: number): boolean => value >= from && value < before;
/** Monday to Friday, 8 to 18. */
const isWorkTime = (hour: number): boolean => isBetween(hour % 24, 8, 18) && (dayOf(hour) + 6) % 7 < 5;

/** Nobody asks for anything; old thoughts turn up in the second third of the month. */
export const quiet: World = {
  name: 'quiet',
  boost: evidence((hour) => ({
    idle_exploration: 1,
    maximize_coverage: 1,
    revisit_old_thoughts: isBetween(dayOf(hour), 10, 20) ? 2 : 0,
  })),
  outcome: () => WELL,
};

/** People work by day. One tool fails in the second week, four in the fourth; three of ten tasks fail. */
export const failingTools: World = {
  name: 'failing tools',
  boost: evidence((hour) => {
    const tools = isBetween(dayOf(hour), 5, 12) ? 1 : isBetween(dayOf(hour), 18, 23) ? 4 : 0;
    return {
      explore_recent_failure: isWorkTime(hour) ? tools : 0,
      resolve_unfinished_tasks: tools,
      refine_low_confidence: isWorkTime(hour) ? 3 : 0,
      maximize_coverage: dayOf(hour) % 7 < 2 ? 1 : 0,
      idle_exploration: isWorkTime(hour) ? 0 : 1,
    };
  }),
  outcome: (_, __, attempt) => (attempt % 10 < 3 ? BADLY : attempt % 2 === 0 ? SLOWLY : WELL),
};

/** Everything fails all the time: what takes up failed work never succeeds, refining does so from the 15th day on. */
export const floodOfFailures: World = {
  name: 'flood of failures',
  boost: evidence(() => ({ resolve_unfinished_tasks: 10, explore_recent_failure: 4, refine_low_confidence: 6 })),
  outcome: (type, hour, attempt) => {
    if (type === 'resolve_unfinished_tasks') return BADLY;
    if (type === 'refine_low_confidence') return dayOf(hour) < 15 ? BADLY : WELL;
    return attempt % 2 === 0 ? BADLY : SLOWLY;
  },
};

/** Every task costs all it may. At night only what is idle asks; by day four tools fail and workflows with them. */
export const dearTasks: World = {
  name: 'dear tasks',
  boost: evidence((hour) => ({
    idle_exploration: 1,
    maximize_coverage: 1,
    explore_recent_failure: isBetween(hour % 24, 8, 18) ? 4 : 0,
    resolve_unfinished_tasks: isBetween(hour % 24, 8, 18) ? 5 : 0,
  })),
  outcome: () => ({ status: 'completed', minutes: 4, costUsd: 0.5 }),
};

/** All begin wholly satisfied, all conditions hold by the least there is, and every task succeeds. */
export const allSatisfied: World = {
  name: 'all satisfied',
  boost: leastEvidence,
  outcome: () => WELL,
  initially: () => ({ satisfaction: 1 }),
};

/** The engine is away every noon, on the fourth day, and for three days in the middle; all conditions hold. */
export const outages: World = {
  name: 'outages',
  boost: leastEvidence,
  outcome: (_, __, attempt) => (attempt % 4 === 3 ? BADLY : SLOWLY),
  isUp: (hour) =>
    !isBetween(hour % 24, 12, 14) && !isBetween(hour, 3 * 24, 4 * 24) && !isBetween(hour, 14 * 24, 17 * 24),
};
