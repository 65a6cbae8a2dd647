import { Injectable, Logger } from '@nestjs/common';
import { AppConfig } from '../../config/app-config.js';
import { Problem } from '../../http/problem.js';
import { ProviderFailure } from '../providers/provider.js';
import { CircuitBreaker } from './circuit-breaker.js';

interface Guarded {
  readonly provider: string;
  readonly model: string;
  readonly breaker: CircuitBreaker;
}

/** One circuit breaker as it stands in this process. */
export interface BreakerState {
  readonly provider: string;
  readonly model: string;
  readonly state: CircuitBreaker['state'];
  /** Failures in a row. */
  readonly failures: number;
}

/** One breaker per provider and model. Only outages count: a refused request or a rate limit says that the provider is there. */
@Injectable()
export class CircuitBreakers {
  private readonly logger = new Logger(CircuitBreakers.name);
  private readonly breakers = new Map<string, Guarded>();

  constructor(private readonly config: AppConfig) {}

  list(): BreakerState[] {
    return [...this.breakers.values()].map(({ provider, model, breaker }) => ({
      provider,
      model,
      state: breaker.state,
      failures: breaker.failures,
    }));
  }

  /** @throws Problem LLM_UNAVAILABLE while the breaker is open and no probe is due */
  refuseIfOpen(provider: string, model: string): void {
    const { restMs } = this.of(provider, model);
    if (restMs > 0) throw unavailable(model, restMs);
  }

  isOpen(provider: string, model: string): boolean {
    return this.of(provider, model).restMs > 0;
  }

  /** Runs an attempt and counts how it went. @returns a failure that was never sent when the breaker opened meanwhile */
  run<T>(provider: string, model: string, attempt: () => Promise<T | ProviderFailure>): Promise<T | ProviderFailure> {
    const breaker = this.of(provider, model);
    return breaker.run(attempt, () => notSent(model, breaker.restMs));
  }

  private of(provider: string, model: string): CircuitBreaker {
    const key = JSON.stringify([provider, model]);
    const known = this.breakers.get(key);
    if (known !== undefined) return known.breaker;
    const { breakerFailures, breakerProbeSeconds } = this.config.llm;
    const breaker = new CircuitBreaker({
      outages: breakerFailures,
      probeAfterMs: breakerProbeSeconds * 1000,
      onOpen: () =>
        this.logger.warn(`The circuit of ${model} (${provider}) is open: no call for ${breakerProbeSeconds} s.`),
      onClose: () => this.logger.log(`The circuit of ${model} (${provider}) is closed again.`),
    });
    this.breakers.set(key, { provider, model, breaker });
    return breaker;
  }
}

const notSent = (model: string, restMs: number): ProviderFailure =>
  new ProviderFailure(`The circuit of ${model} opened before the call was sent.`, 'nothing', {
    headers: new Map([
      ['x-should-retry', 'false'],
      ['retry-after-ms', String(restMs)],
    ]),
  });

const unavailable = (model: string, restMs: number): Problem =>
  new Problem('LLM_UNAVAILABLE', `${model} failed too often in a row; it is tried again in a while.`, {
    retryAfterSeconds: Math.max(1, Math.ceil(restMs / 1000)),
    extensions: { circuit_breaker_open: true },
  });
