export const RATE_WINDOW_SECONDS = 60;

export interface RateLimits {
  /** Calls of one tool by one caller within the window; 0: no limit. */
  readonly perMinute: number;
  /** Calls of one workflow in all. */
  readonly perWorkflow: number;
}

/** Calls that were let through before this one. */
export interface RateCounts {
  /** Of this tool by this caller, within the window. */
  readonly inWindow: number;
  /** Age of the oldest of those; undefined when there is none. */
  readonly oldestSeconds: number | undefined;
  /** Of the workflow; undefined for a person. */
  readonly ofWorkflow: number | undefined;
}

export interface RateRefusal {
  readonly rule: 'rate_limited' | 'workflow_limit';
  readonly reason: string;
  /** When the next place is free; undefined: never. */
  readonly retryAfterSeconds?: number;
}

export function rateRefusal(toolName: string, counts: RateCounts, limits: RateLimits): RateRefusal | undefined {
  if (counts.ofWorkflow !== undefined && counts.ofWorkflow >= limits.perWorkflow) {
    return { rule: 'workflow_limit', reason: `This workflow has had its ${limits.perWorkflow} calls of tools.` };
  }
  if (limits.perMinute === 0 || counts.inWindow < limits.perMinute) return undefined;
  const restSeconds = Math.ceil(RATE_WINDOW_SECONDS - (counts.oldestSeconds ?? 0));
  return {
    rule: 'rate_limited',
    reason: `${toolName} may be called ${limits.perMinute} times in ${RATE_WINDOW_SECONDS} seconds.`,
    retryAfterSeconds: Math.min(Math.max(restSeconds, 1), RATE_WINDOW_SECONDS),
  };
}
