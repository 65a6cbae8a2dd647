import { Injectable } from '@nestjs/common';
import { MotivationService } from '../../motivation/motivation.service.js';
import type { ComponentHealth, HealthComponent } from '../health-component.js';

@Injectable()
export class EngineHealth implements HealthComponent {
  readonly name = 'engine';
  readonly importance = 'optional';
  readonly complaint = 'The motivation engine does not run.';

  constructor(private readonly motivation: MotivationService) {}

  check(): ComponentHealth {
    const { status, running } = this.motivation.engineState();
    return { status, running };
  }
}
