/** What a running workflow is judged by, at the end of one of its subtasks. */
export interface RunFacts {
  /** Spent and in doubt, of its budget: 0..1, more when an answer was dearer than its bound. Undefined: no limit. */
  readonly costShare: number | undefined;
  /** Of its time: 0..1 and more. */
  readonly timeShare: number;
  readonly agentsEnded: number;
  readonly agentsFailed: number;
  /** Titles of the subtasks at work that others wait for. */
  readonly bottlenecks: readonly string[];
}

/** How a workflow runs on; what an earlier adaptation changed stays. */
export interface Pace {
  /** Agents at once; undefined: as many as the workflow may have. */
  readonly atOnce?: number;
  /** Agents whose workflow names no model get the cheapest. */
  readonly isThrifty?: boolean;
  /** Why no more subtasks are started, and the answer is made out of what there is. */
  readonly endsEarly?: EarlyEnd;
  readonly applied: readonly AdaptationStep[];
}

export type AdaptationName = OverrunRisk | 'high_failure_rate' | 'coordination_issues';

/** What ends a plan before all of it is done: an adaptation, a council, or a failure where none is tolerated. */
export type EarlyEnd = OverrunRisk | 'council_review' | 'recovery_abort' | 'failure_not_tolerated';

type OverrunRisk = 'cost_overrun_risk' | 'time_overrun_risk';

/** Names what happened for good: each happens once in a workflow. */
type AdaptationStep = AdaptationName | 'cost_early_end' | 'time_early_end';

export interface Adaptation {
  readonly name: AdaptationName;
  /** One sentence, with the numbers. */
  readonly reason: string;
  /** What is done about it. */
  readonly actions: readonly string[];
  readonly pace: Pace;
}

const RISK_SHARE = 0.8;
/** From here on what is left is kept for the synthesis. */
const EARLY_END_SHARE = 0.9;
const MAX_FAILED_SHARE = 0.3;
/** Fewer ended agents say nothing about a rate. */
const MIN_AGENTS_FOR_RATE = 3;
const MAX_BOTTLENECKS = 2;
const MORE_AT_ONCE = 2;

export const INITIAL_PACE: Pace = { applied: [] };

/**
 * What changes now; several at once when several things are so. Each adaptation happens once: a workflow that stays over 80 % of its budget
 * is not halved again and again. What they do stands in docs/workflows.md, "How a workflow adapts".
 */
export function adaptations(facts: RunFacts, pace: Pace, maxAtOnce: number): Adaptation[] {
  const found: Adaptation[] = [];
  let current = pace;
  for (const rule of RULES) {
    const adaptation = current.applied.includes(rule.step) ? undefined : rule.judge(facts, current, maxAtOnce);
    if (adaptation === undefined) continue;
    current = { ...current, ...adaptation.change, applied: [...current.applied, rule.step] };
    found.push({ name: rule.name, reason: adaptation.reason, actions: adaptation.actions, pace: current });
  }
  return found;
}

interface Judged {
  readonly reason: string;
  readonly actions: readonly string[];
  readonly change: Omit<Pace, 'applied'>;
}

interface Rule {
  readonly step: AdaptationStep;
  readonly name: AdaptationName;
  judge(facts: RunFacts, pace: Pace, maxAtOnce: number): Judged | undefined;
}

const RULES: readonly Rule[] = [
  {
    step: 'cost_overrun_risk',
    name: 'cost_overrun_risk',
    judge: ({ costShare }, pace, maxAtOnce) => {
      if (costShare === undefined || costShare <= RISK_SHARE) return undefined;
      const atOnce = halved(pace, maxAtOnce);
      return {
        reason: `${percent(costShare)} of the budget is used.`,
        actions: [`at most ${atOnce} agents at once`, 'the cheapest model where none is named'],
        change: { atOnce, isThrifty: true },
      };
    },
  },
  {
    step: 'cost_early_end',
    name: 'cost_overrun_risk',
    judge: ({ costShare }, { endsEarly }) =>
      costShare === undefined || costShare <= EARLY_END_SHARE || endsEarly !== undefined
        ? undefined
        : earlyEnd('cost_overrun_risk', `${percent(costShare)} of the budget is used.`),
  },
  {
    step: 'time_overrun_risk',
    name: 'time_overrun_risk',
    judge: ({ timeShare }, pace, maxAtOnce) => {
      if (timeShare <= RISK_SHARE) return undefined;
      const atOnce = Math.min(maxAtOnce, currentOf(pace, maxAtOnce) + MORE_AT_ONCE);
      return {
        reason: `${percent(timeShare)} of the time is over.`,
        actions: [`up to ${atOnce} agents at once`],
        change: { atOnce },
      };
    },
  },
  {
    step: 'time_early_end',
    name: 'time_overrun_risk',
    judge: ({ timeShare }, { endsEarly }) =>
      timeShare <= EARLY_END_SHARE || endsEarly !== undefined
        ? undefined
        : earlyEnd('time_overrun_risk', `${percent(timeShare)} of the time is over.`),
  },
  {
    step: 'high_failure_rate',
    name: 'high_failure_rate',
    judge: ({ agentsEnded, agentsFailed }, pace, maxAtOnce) => {
      // Nothing is left to decide about.
      if (pace.endsEarly !== undefined) return undefined;
      if (agentsEnded < MIN_AGENTS_FOR_RATE || agentsFailed / agentsEnded <= MAX_FAILED_SHARE) return undefined;
      const atOnce = halved(pace, maxAtOnce);
      return {
        reason: `${agentsFailed} of ${agentsEnded} agents have failed.`,
        actions: [`at most ${atOnce} agents at once`, 'a council reviews the run'],
        change: { atOnce },
      };
    },
  },
  {
    step: 'coordination_issues',
    name: 'coordination_issues',
    judge: ({ bottlenecks }) =>
      bottlenecks.length <= MAX_BOTTLENECKS
        ? undefined
        : {
            reason: `${bottlenecks.length} subtasks at work hold others up (${bottlenecks.slice(0, 3).join(', ')}).`,
            actions: ['one subtask after the other'],
            change: { atOnce: 1 },
          },
  },
];

const earlyEnd = (name: OverrunRisk, reason: string): Judged => ({
  reason,
  actions: ['no more subtasks are started; the answer is made out of what there is'],
  change: { endsEarly: name },
});

const currentOf = ({ atOnce }: Pace, maxAtOnce: number): number => Math.min(atOnce ?? maxAtOnce, maxAtOnce);

/** At least two, unless it never had them. */
function halved(pace: Pace, maxAtOnce: number): number {
  const current = currentOf(pace, maxAtOnce);
  return Math.min(current, Math.max(2, Math.floor(current / 2)));
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;
