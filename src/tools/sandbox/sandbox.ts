import { Injectable } from '@nestjs/common';
import { Problem } from '../../http/problem.js';
import type { Availability } from '../tool.js';
import type { SandboxOutcome, SandboxProcess, SandboxRequest } from './sandbox.types.js';

/** Where programs run that nobody vouches for. */
@Injectable()
export class Sandbox {
  /** Found out once, at start, by running something. */
  availability(): Availability {
    return { available: false, reason: 'There is no sandbox yet.' };
  }

  /** @throws Problem SANDBOX_UNAVAILABLE */
  run(_request: SandboxRequest): Promise<SandboxOutcome> {
    return Promise.reject(new Problem('SANDBOX_UNAVAILABLE', 'There is no sandbox yet.'));
  }

  /** @throws Problem SANDBOX_UNAVAILABLE */
  start(_request: SandboxRequest): Promise<SandboxProcess> {
    return Promise.reject(new Problem('SANDBOX_UNAVAILABLE', 'There is no sandbox yet.'));
  }
}
