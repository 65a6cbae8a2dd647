import { Injectable } from '@nestjs/common';
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
  ) {}

  /** Which provider answers, and whether it may be asked. No call is made for it: a probe must not cost money. */
  check(): ComponentHealth {
    const enabled = !this.stop.isOn;
    return { status: enabled ? 'healthy' : 'degraded', provider: this.provider.name, enabled };
  }
}
