import { Injectable } from '@nestjs/common';
import type { ComponentHealth, HealthComponent } from '../health-component.js';

@Injectable()
export class SandboxHealth implements HealthComponent {
  readonly name = 'sandbox';
  readonly importance = 'optional';
  readonly complaint = 'No sandbox is available.';

  /** There is no sandbox in this version, and no tool that would need one. */
  check(): ComponentHealth {
    return { status: 'unavailable', reason: 'This version has no sandbox, and no tool that needs one.' };
  }
}
