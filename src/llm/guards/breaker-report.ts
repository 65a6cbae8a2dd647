/** One circuit breaker as it stands in this process. */
export interface BreakerState {
  readonly provider: string;
  readonly model: string;
  /** open: calls are refused; half_open: one is let through to try. */
  readonly state: 'closed' | 'open' | 'half_open';
  /** Failures in a row. */
  readonly failures: number;
}

/** What the statistics need to know of the circuit breakers. */
export abstract class BreakerReport {
  abstract list(): readonly BreakerState[];
}
