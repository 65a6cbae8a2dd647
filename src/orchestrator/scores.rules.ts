/** What an ended workflow's scores are made of. */
export interface ScoreInput {
  readonly completed: boolean;
  readonly agents: number;
  readonly agentsSucceeded: number;
  /** Subtasks that failed though others needed them. */
  readonly criticalFailures: number;
  readonly retries: number;
}

/** All 0..1. */
export interface Scores {
  readonly speed: number;
  readonly quality: number;
  readonly success: number;
  readonly usefulness: number;
  readonly composite: number;
}

/** No class of workflows has a baseline yet: domain.md, "Scores". */
const SPEED_WITHOUT_BASELINE = 0.5;
const NEUTRAL_BUSINESS_IMPACT = 0.5;

/** Formulas of domain.md, "Scores", without baseline, validation and feedback. */
export function scoresOf({ completed, agents, agentsSucceeded, criticalFailures, retries }: ScoreInput): Scores {
  const agentSuccess = agents === 0 ? (completed ? 1 : 0) : agentsSucceeded / agents;
  const speed = SPEED_WITHOUT_BASELINE;
  const quality = clamp(agentSuccess - Math.min(0.1 * retries, 0.3));
  const success =
    agents === 0 ? agentSuccess : clamp(agentSuccess + (completed ? 0.2 : -0.3) - 0.25 * criticalFailures);
  const goalAlignment = 0.7 * (completed ? 0.8 : 0.2) + 0.3 * agentSuccess;
  const usefulness = clamp(goalAlignment + 0.2 * (NEUTRAL_BUSINESS_IMPACT - 0.5));
  const composite = 0.25 * speed + 0.3 * quality + 0.35 * success + 0.1 * usefulness;
  return {
    speed,
    quality: rounded(quality),
    success: rounded(success),
    usefulness: rounded(usefulness),
    composite: rounded(composite),
  };
}

/** To a millionth, so that sums of decimals look like what they are. */
const rounded = (score: number): number => Math.round(score * 1e6) / 1e6;

const clamp = (score: number): number => Math.min(1, Math.max(0, score));
