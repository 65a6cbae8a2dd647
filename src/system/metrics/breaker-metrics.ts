import { Injectable } from '@nestjs/common';
import { BreakerReport } from '../../llm/guards/breaker-report.js';
import { Metrics } from '../../telemetry/metrics.js';

/** Which models are not asked. A call that a breaker refuses is no attempt, so that in an outage the attempts tell next to nothing. */
@Injectable()
export class BreakerMetrics {
  constructor(breakers: BreakerReport, metrics: Metrics) {
    metrics.onGather(() => {
      for (const { model, state } of breakers.list())
        metrics.llm.breakerOpen.set({ model }, state === 'closed' ? 0 : 1);
    });
  }
}
