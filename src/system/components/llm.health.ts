import { Injectable } from '@nestjs/common';
import { LlmProvider } from '../../llm/providers/provider.js';
import type { ComponentHealth, HealthComponent } from '../health-component.js';

@Injectable()
export class LlmHealth implements HealthComponent {
  readonly name = 'llm';
  readonly importance = 'supporting';
  readonly complaint = 'No model can be asked.';

  constructor(private readonly provider: LlmProvider) {}

  /** Which provider answers. No call is made for it: a probe must not cost money. */
  check(): ComponentHealth {
    return { status: 'healthy', provider: this.provider.name };
  }
}
