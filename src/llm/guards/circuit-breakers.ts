import { Injectable, Logger } from '@nestjs/common';
import {
  BrokenCircuitError,
  CircuitState,
  circuitBreaker,
  ConsecutiveBreaker,
  handleWhenResult,
  type CircuitBreakerPolicy,
} from 'cockatiel';
import { AppConfig } from '../../config/app-config.js';
import { Problem } from '../../http/problem.js';
import { ProviderFailure } from '../providers/provider.js';
import { BreakerReport, type BreakerState } from './breaker-report.js';
import { isOutage, saysNothing } from './outage.rules.js';

interface Breaker {
  readonly policy: CircuitBreakerPolicy;
  readonly failures: ConsecutiveBreaker;
  openedAtMs: number;
}

/** Carries an outcome past a breaker that would count it as a success. */
class Uncounted extends Error {
  constructor(readonly outcome: ProviderFailure) {
    super('An outcome that says nothing about the provider.');
  }
}

const STATES: Readonly<Record<CircuitState, BreakerState['state']>> = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.Open]: 'open',
  [CircuitState.HalfOpen]: 'half_open',
  [CircuitState.Isolated]: 'open',
};

/**
 * One breaker per provider and model: opens after some outages in a row, then lets one call through to probe, and closes when that
 * is answered. Only outages count: a refused request or a rate limit says that the provider is there.
 */
@Injectable()
export class CircuitBreakers extends BreakerReport {
  private readonly logger = new Logger(CircuitBreakers.name);
  private readonly breakers = new Map<string, Breaker & { readonly provider: string; readonly model: string }>();

  constructor(private readonly config: AppConfig) {
    super();
  }

  list(): BreakerState[] {
    return [...this.breakers.values()].map(({ provider, model, policy, failures }) => ({
      provider,
      model,
      state: STATES[policy.state],
      failures: failures.state,
    }));
  }

  /** @throws Problem LLM_UNAVAILABLE while the breaker is open and no probe is due */
  refuseIfOpen(provider: string, model: string): void {
    const restMs = this.restMs(provider, model);
    if (restMs > 0) throw unavailable(model, restMs);
  }

  isOpen(provider: string, model: string): boolean {
    return this.restMs(provider, model) > 0;
  }

  /** Runs an attempt and counts how it went. @returns a failure that was never sent when the breaker opened meanwhile */
  async run<T>(
    provider: string,
    model: string,
    attempt: () => Promise<T | ProviderFailure>,
  ): Promise<T | ProviderFailure> {
    const { policy } = this.of(provider, model);
    try {
      return await policy.execute(async () => {
        const isProbe = policy.state !== CircuitState.Closed;
        const outcome = await attempt();
        if (saysNothing(outcome, isProbe)) throw new Uncounted(outcome);
        return outcome;
      });
    } catch (error) {
      if (error instanceof Uncounted) return error.outcome;
      if (!(error instanceof BrokenCircuitError)) throw error;
      return new ProviderFailure(`The circuit of ${model} opened before the call was sent.`, 'nothing', {
        headers: new Map([
          ['x-should-retry', 'false'],
          ['retry-after-ms', String(this.restMs(provider, model))],
        ]),
      });
    }
  }

  /** Milliseconds until a probe is due; 0 when calls may be made. */
  private restMs(provider: string, model: string): number {
    const { policy, openedAtMs } = this.of(provider, model);
    return policy.state === CircuitState.Open ? Math.max(0, openedAtMs + this.probeAfterMs - Date.now()) : 0;
  }

  private get probeAfterMs(): number {
    return this.config.llm.breakerProbeSeconds * 1000;
  }

  private of(provider: string, model: string): Breaker {
    const key = JSON.stringify([provider, model]);
    const known = this.breakers.get(key);
    if (known !== undefined) return known;
    const failures = new ConsecutiveBreaker(this.config.llm.breakerFailures);
    const counts = handleWhenResult(isOutage);
    const policy: CircuitBreakerPolicy = circuitBreaker(counts, {
      halfOpenAfter: this.probeAfterMs,
      breaker: failures,
    });
    const breaker = { provider, model, policy, failures, openedAtMs: 0 };
    policy.onBreak(() => {
      breaker.openedAtMs = Date.now();
      this.logger.warn(`The circuit of ${model} (${provider}) is open: no call for ${this.probeAfterMs / 1000} s.`);
    });
    policy.onReset(() => this.logger.log(`The circuit of ${model} (${provider}) is closed again.`));
    this.breakers.set(key, breaker);
    return breaker;
  }
}

const unavailable = (model: string, restMs: number): Problem =>
  new Problem('LLM_UNAVAILABLE', `${model} failed too often in a row; it is tried again in a while.`, {
    retryAfterSeconds: Math.max(1, Math.ceil(restMs / 1000)),
    extensions: { circuit_breaker_open: true },
  });
