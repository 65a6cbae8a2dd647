/** One circuit breaker as it stands in this process. */
export interface BreakerState {
  readonly provider: string;
  readonly model: string;
  /** open: calls are refused; half_open: one is let through to try. */
  readonly state: 'closed' | 'open' | 'half_open';
  /** Failures in a row. */
  readonly failures: number;
}

/** How the circuit breakers of this replica stand. */
export abstract class BreakerReport {
  abstract list(): readonly BreakerState[];
}
