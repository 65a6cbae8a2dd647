import { Injectable } from '@nestjs/common';
import { type AddressRange, parseRanges } from './address.rules.js';
import { destinationOf } from './destination.rules.js';
import { EgressFailed, EgressRefused, type EgressRequest, type EgressResponse } from './egress.types.js';
import { exchange } from './exchange.js';
import { failureOf } from './failures.rules.js';
import { requestHeaders } from './headers.rules.js';
import { type Lookup, lookupOfSystem, pinnedAddresses } from './pinned-addresses.js';
import { type Hop, redirected } from './redirects.rules.js';
import { TimeLimit } from './time-limit.js';

type EgressPlace = Pick<EgressRequest, 'url' | 'allowedHosts' | 'timeoutMs'>;

/** The one way out for addresses that come from outside. */
@Injectable()
export class Egress {
  private readonly exceptedRanges: readonly AddressRange[];

  /** @param privateRanges CIDR; an address in one may be reached under a name (or as a literal) that a list of hosts names */
  constructor(
    privateRanges: readonly string[],
    private readonly lookup: Lookup = lookupOfSystem,
  ) {
    this.exceptedRanges = parseRanges(privateRanges);
  }

  /** Whether it may be sent there, as far as that can be known before. @throws EgressRefused; EgressFailed where there is no such host */
  async check({ url, allowedHosts, timeoutMs }: EgressPlace): Promise<void> {
    const limit = new TimeLimit(undefined, timeoutMs);
    try {
      await limit.race(pinnedAddresses(destinationOf(url, allowedHosts), this.exceptedRanges, this.lookup));
    } catch (error) {
      if (limit.reason === undefined) throw error;
      throw new EgressFailed(`Its host was not found within ${timeoutMs} ms.`, { cause: error });
    } finally {
      limit.dispose();
    }
  }

  /** @throws EgressRefused, EgressFailed */
  async fetch(request: EgressRequest): Promise<EgressResponse> {
    const limit = new TimeLimit(request.signal, request.timeoutMs);
    const sentTo: string[] = [];
    try {
      return await this.follow(request, limit, sentTo);
    } catch (error) {
      if (error instanceof EgressRefused) throw new EgressRefused(error.rule, error.message, sentTo);
      if (limit.reason === undefined) throw error;
      const sentence = limit.reason === 'timeout' ? `No answer within ${request.timeoutMs} ms.` : 'It was given up.';
      throw new EgressFailed(sentence, { cause: error });
    } finally {
      limit.dispose();
    }
  }

  /** @param sentTo gets the URLs that answered with a redirect */
  private async follow(request: EgressRequest, limit: TimeLimit, sentTo: string[]): Promise<EgressResponse> {
    const { maxRedirects, maxBytes, timeoutMs } = request;
    const limits = { maxBytes, timeoutMs, signal: limit.signal, followsRedirects: maxRedirects > 0 };
    let hop: Hop = { ...request, headers: requestHeaders(request.headers ?? {}) };
    for (;;) {
      const destination = destinationOf(hop.url, request.allowedHosts);
      const addresses = await limit.race(pinnedAddresses(destination, this.exceptedRanges, this.lookup));
      const url = destination.url.href;
      const { location, ...answer } = await exchange(hop, destination, addresses, limits).catch((error: unknown) => {
        throw failureOf(error, destination.host);
      });
      if (location === undefined) return { ...answer, url, redirects: sentTo };
      sentTo.push(url);
      if (sentTo.length > maxRedirects) {
        throw new EgressRefused('too_many_redirects', `It redirects more than ${maxRedirects} times.`);
      }
      hop = redirected({ ...hop, url }, answer.status, location);
    }
  }
}
