export interface BreakerState {
  readonly provider: string;
  readonly model: string;
  readonly state: 'closed' | 'open' | 'half_open';
  /** Failures in a row. */
  readonly failures: number;
}

/** How the circuit breakers of this replica stand. */
export abstract class BreakerReport {
  abstract list(): BreakerState[];
}
