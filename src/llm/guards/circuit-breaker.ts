import type { ProviderFailure } from '../providers/provider.js';
import { isOutage, saysNothing } from './outage.rules.js';

interface BreakerSettings {
  /** Outages in a row that open it. */
  readonly outages: number;
  readonly probeAfterMs: number;
  readonly onOpen: () => void;
  readonly onClose: () => void;
}

/** Opens after some outages in a row, then lets one call through to probe, and closes when that is answered. */
export class CircuitBreaker {
  private outages = 0;
  /** On the clock that nobody sets; undefined while it is closed. */
  private openedAtMs: number | undefined;
  private probe: Promise<unknown> | undefined;

  constructor(private readonly settings: BreakerSettings) {}

  get failures(): number {
    return this.outages;
  }

  /** open: calls are refused; half_open: one is let through to try. */
  get state(): 'closed' | 'open' | 'half_open' {
    if (this.openedAtMs === undefined) return 'closed';
    return this.probe === undefined ? 'open' : 'half_open';
  }

  /** Whole milliseconds until a probe is due; 0 when calls may be made. */
  get restMs(): number {
    if (this.openedAtMs === undefined || this.probe !== undefined) return 0;
    return Math.max(0, Math.ceil(this.openedAtMs + this.settings.probeAfterMs - performance.now()));
  }

  /** Runs an attempt and counts how it went; waits for a probe that is under way. @returns `refused` while it is open */
  async run<T>(
    attempt: () => Promise<T | ProviderFailure>,
    refused: () => ProviderFailure,
  ): Promise<T | ProviderFailure> {
    while (this.probe !== undefined) await this.probe.catch(() => undefined);
    if (this.restMs > 0) return refused();
    if (this.openedAtMs !== undefined) return this.tryOut(attempt);
    const outcome = await attempt();
    // What was sent before it opened says nothing about the time after.
    if (this.state === 'closed' && !saysNothing(outcome)) this.count(outcome);
    return outcome;
  }

  /** Makes the attempt the probe of an open circuit. When it throws it has shown nothing, and the next call is the probe. */
  private tryOut<T>(attempt: () => Promise<T | ProviderFailure>): Promise<T | ProviderFailure> {
    const probing = attempt().then((outcome) => {
      this.count(outcome);
      return outcome;
    });
    const probe = probing.finally(() => (this.probe = undefined));
    this.probe = probe;
    return probe;
  }

  private count(outcome: unknown): void {
    if (!isOutage(outcome)) {
      this.outages = 0;
      if (this.openedAtMs === undefined) return;
      this.openedAtMs = undefined;
      this.settings.onClose();
      return;
    }
    this.outages += 1;
    if (this.outages < this.settings.outages) return;
    this.openedAtMs = performance.now();
    this.settings.onOpen();
  }
}
