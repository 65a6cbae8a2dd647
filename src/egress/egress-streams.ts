import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { type AddressRange, parseRanges } from './address.rules.js';
import { destinationOf } from './destination.rules.js';
import { type AllowedHosts, EgressFailed, type EgressRequest } from './egress.types.js';
import { failureOf } from './failures.rules.js';
import { requestHeaders } from './headers.rules.js';
import { type Lookup, lookupOfSystem, pinnedAddresses } from './pinned-addresses.js';
import { clientTo, joined } from './pinned-client.js';

export interface EgressStreamRequest extends Pick<EgressRequest, 'url' | 'method' | 'headers' | 'body'> {
  readonly allowedHosts: AllowedHosts;
  /** Also ends an answer that is being read. */
  readonly signal: AbortSignal;
}

/** An answer that has begun. Who asked for it reads the body or destroys it; only then is the connection gone. */
export interface EgressStream {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** As it came, not bounded. */
  readonly body: Readable;
}

const CONNECT_TIMEOUT_MS = 10_000;
const DEFAULT_HEADERS = { 'accept-encoding': 'identity', 'user-agent': 'nyx' };

/**
 * The way out for what is talked with for long, such as event streams, by the same rules as `Egress`: every address is checked and
 * pinned. No redirect is followed.
 */
@Injectable()
export class EgressStreams {
  private readonly exceptedRanges: readonly AddressRange[];

  /** @param privateRanges as `Egress` has them */
  constructor(
    privateRanges: readonly string[],
    private readonly lookup: Lookup = lookupOfSystem,
  ) {
    this.exceptedRanges = parseRanges(privateRanges);
  }

  /** Resolves when the answer begins, however long that takes. @throws EgressRefused, EgressFailed */
  async open(request: EgressStreamRequest): Promise<EgressStream> {
    const headers = { ...DEFAULT_HEADERS, ...requestHeaders(request.headers ?? {}) };
    const destination = destinationOf(request.url, request.allowedHosts);
    const addresses = await pinnedAddresses(destination, this.exceptedRanges, this.lookup);
    const client = clientTo(destination, addresses, CONNECT_TIMEOUT_MS);
    try {
      const answer = await client.request({
        method: request.method,
        path: `${destination.url.pathname}${destination.url.search}`,
        headers,
        body: request.body,
        reset: true,
        signal: request.signal,
      });
      answer.body.once('close', () => void client.destroy());
      // Its reader hears of it; without a listener the process would end of it.
      answer.body.on('error', () => undefined);
      return { status: answer.statusCode, headers: joined(answer.headers), body: answer.body };
    } catch (error) {
      await client.destroy();
      if (request.signal.aborted) throw new EgressFailed('It was given up.', { cause: error });
      throw failureOf(error, destination.host);
    }
  }
}
