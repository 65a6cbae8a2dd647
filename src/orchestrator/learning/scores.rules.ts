/** What an ended workflow's scores are made of. JSON: it is kept, so that later feedback is weighed with the same inputs. */
export interface ScoreInput {
  readonly completed: boolean;
  readonly agents: number;
  readonly agentsSucceeded: number;
  /** Subtasks that failed though others needed them. */
  readonly criticalFailures: number;
  readonly retries: number;
  /** Of the run, in milliseconds; null when it never started. */
  readonly durationMs: number | null;
  /** Of its class, when it has a baseline. */
  readonly medianDurationMs: number | null;
  /** 0..1, when it was validated. */
  readonly validationScore: number | null;
  /** When they were checked. */
  readonly successCriteria: { readonly met: number; readonly total: number } | null;
  /** 0..1 */
  readonly businessImpact: number;
}

/** All 0..1. */
export interface Scores {
  readonly speed: number;
  readonly quality: number;
  readonly success: number;
  readonly usefulness: number;
  readonly composite: number;
}

/** Completed workflows that a class needs for a baseline of its speed. */
export const BASELINE_SAMPLES = 5;
/** What is assumed when nobody says how much it matters. */
export const NEUTRAL_BUSINESS_IMPACT = 0.5;
const SPEED_WITHOUT_BASELINE = 0.5;
const SPEED_STEPS: readonly (readonly [mostRatio: number, score: number])[] = [
  [0.5, 1],
  [0.75, 0.9],
  [1, 0.75],
  [1.5, 0.5],
  [2, 0.25],
];
const SLOWEST = 0.1;

/**
 * How well a workflow went: its time against the median of its class; the share of its agents that succeeded, and what validators and
 * checked criteria say; whether it completed; and what people think of it. The composite weighs success most and usefulness least.
 * @param feedback 0..1, the mean of what was given
 */
export function scoresOf(input: ScoreInput, feedback?: number): Scores {
  const speed = speedOf(input);
  const quality = qualityOf(input);
  const success = successOf(input);
  const usefulness = usefulnessOf(input, feedback);
  const composite = 0.25 * speed + 0.3 * quality + 0.35 * success + 0.1 * usefulness;
  return {
    speed,
    quality: rounded(quality),
    success: rounded(success),
    usefulness: rounded(usefulness),
    composite: rounded(composite),
  };
}

function speedOf({ durationMs, medianDurationMs }: ScoreInput): number {
  if (durationMs === null || medianDurationMs === null || medianDurationMs <= 0) return SPEED_WITHOUT_BASELINE;
  const ratio = durationMs / medianDurationMs;
  return SPEED_STEPS.find(([most]) => ratio <= most)?.[1] ?? SLOWEST;
}

function qualityOf(input: ScoreInput): number {
  const worked = clamp(agentSuccess(input) - Math.min(0.1 * input.retries, 0.3));
  return input.validationScore === null ? worked : 0.75 * worked + 0.25 * clamp(input.validationScore);
}

function successOf(input: ScoreInput): number {
  if (input.agents === 0) return input.completed ? 1 : 0;
  return clamp(agentSuccess(input) + (input.completed ? 0.2 : -0.3) - 0.25 * input.criticalFailures);
}

function usefulnessOf(input: ScoreInput, feedback: number | undefined): number {
  const aligned = goalAlignment(input);
  const useful = feedback === undefined ? aligned : 0.6 * aligned + 0.4 * clamp(feedback);
  return clamp(useful + 0.2 * (clamp(input.businessImpact) - 0.5));
}

function goalAlignment(input: ScoreInput): number {
  const { successCriteria, completed } = input;
  if (successCriteria !== null && successCriteria.total > 0) return clamp(successCriteria.met / successCriteria.total);
  return 0.7 * (completed ? 0.8 : 0.2) + 0.3 * agentSuccess(input);
}

const agentSuccess = ({ agents, agentsSucceeded, completed }: ScoreInput): number =>
  agents === 0 ? (completed ? 1 : 0) : agentsSucceeded / agents;

/** To a millionth, so that sums of decimals look like what they are. */
const rounded = (score: number): number => Math.round(score * 1e6) / 1e6;

const clamp = (score: number): number => Math.min(1, Math.max(0, score));

/**
 * What a workflow says of its strategy, 0..1: 1 completed, 0 failed. Feedback weighs as much in it as in usefulness, so that a completed
 * workflow whose result was of no use counts as 0.6 of a success, and a failed one that helped all the same as 0.4.
 */
export const evidenceOf = (completed: boolean, feedback?: number): number =>
  feedback === undefined ? Number(completed) : rounded(0.6 * Number(completed) + 0.4 * clamp(feedback));
