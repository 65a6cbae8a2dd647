import { Injectable } from '@nestjs/common';
import { EngineReader } from '../../motivation/engine/engine-reader.js';
import type { ComponentHealth, HealthComponent } from '../health-component.js';

@Injectable()
export class EngineHealth implements HealthComponent {
  readonly name = 'engine';
  readonly importance = 'optional';
  readonly complaint = 'The motivation engine does not run.';

  constructor(private readonly engine: EngineReader) {}

  async check(): Promise<ComponentHealth> {
    const engine = await this.engine.read();
    if (engine === undefined) return { status: 'not_initialized', running: false };
    return { status: engine.isRunning && engine.errorsInRow > 0 ? 'degraded' : 'healthy', running: engine.isRunning };
  }
}
