import { Injectable } from '@nestjs/common';
import { CircuitBreakers } from '../../llm/guards/circuit-breakers.js';
import { Metrics } from '../../telemetry/metrics.js';

/** Which models are not asked. A call that a breaker refuses is no attempt, so that in an outage the attempts tell next to nothing. */
@Injectable()
export class BreakerMetrics {
  constructor(breakers: CircuitBreakers, metrics: Metrics) {
    metrics.onGather(() => {
      for (const { model, state } of breakers.list())
        metrics.llm.breakerOpen.set({ model }, state === 'closed' ? 0 : 1);
    });
  }
}
