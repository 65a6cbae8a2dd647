import { Injectable } from '@nestjs/common';
import { EgressRefused, type EgressRequest, type EgressResponse } from './egress.types.js';

/** The one way out for addresses that come from outside. */
@Injectable()
export class Egress {
  /** @throws EgressRefused, EgressFailed */
  fetch(_request: EgressRequest): Promise<EgressResponse> {
    return Promise.reject(new EgressRefused('host_not_allowed', 'Nothing may be reached yet.'));
  }
}
