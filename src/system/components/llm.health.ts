import { Injectable } from '@nestjs/common';
import { CircuitBreakers } from '../../llm/guards/circuit-breakers.js';
import { EmergencyStop } from '../../llm/guards/emergency-stop.js';
import { LlmProvider } from '../../llm/providers/provider.js';
import type { ComponentHealth, HealthComponent } from '../health-component.js';

@Injectable()
export class LlmHealth implements HealthComponent {
  readonly name = 'llm';
  readonly importance = 'supporting';
  readonly complaint = 'No model can be asked.';

  constructor(
    private readonly provider: LlmProvider,
    private readonly stop: EmergencyStop,
    private readonly breakers: CircuitBreakers,
  ) {}

  /** Which provider answers, whether it may be asked, and which models failed too often. No call is made for it: a probe must not cost money. */
  check(): ComponentHealth {
    const enabled = !this.stop.isOn;
    const open = this.breakers.list().filter(({ state }) => state !== 'closed');
    return {
      status: enabled && open.length === 0 ? 'healthy' : 'degraded',
      provider: this.provider.name,
      enabled,
      open_circuits: open.length,
      ...(open.length > 0 && { failing_models: open.map(({ model }) => model).join(', ') }),
    };
  }
}
