import { Injectable } from '@nestjs/common';
import { type AddressRange, parseRanges } from './address.rules.js';
import { type EgressRequest, type EgressResponse } from './egress.types.js';
import { type Lookup, lookupOfSystem } from './pinned-addresses.js';

/** The one way out for addresses that come from outside. */
@Injectable()
export class Egress {
  private readonly exceptedRanges: readonly AddressRange[];
  constructor(
    privateRanges: readonly string[],
    private readonly lookup: Lookup = lookupOfSystem,
  ) {
    this.exceptedRanges = parseRanges(privateRanges);
  }
  /** @throws EgressRefused, EgressFailed */
  fetch(_request: EgressRequest): Promise<EgressResponse> {
    return Promise.reject(new Error(String([this.exceptedRanges, this.lookup])));
  }
}
