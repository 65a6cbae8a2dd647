import { Injectable } from '@nestjs/common';
import { Sandbox } from '../../tools/sandbox/sandbox.js';
import type { ComponentHealth, HealthComponent } from '../health-component.js';

@Injectable()
export class SandboxHealth implements HealthComponent {
  readonly name = 'sandbox';
  readonly importance = 'optional';
  readonly complaint = 'No sandbox is available.';

  constructor(private readonly sandbox: Sandbox) {}

  /** As it was found at the start, by running something. */
  check(): ComponentHealth {
    const { available, reason } = this.sandbox.availability();
    return available ? { status: 'healthy' } : { status: 'unavailable', reason };
  }
}
