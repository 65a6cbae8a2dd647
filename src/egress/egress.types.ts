/**
 * Hosts that may be reached: `example.com`, `example.com:8443` (other ports than 80 and 443 are named), `*.example.com` (any host
 * below it), `*` (every public host). An empty list allows nothing.
 */
export type AllowedHosts = readonly string[];

export interface EgressRequest {
  readonly url: string;
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  readonly allowedHosts: AllowedHosts;
  /** Each is checked as the first address was; one more is refused. 0: none is followed, a redirect is an answer like any other. */
  readonly maxRedirects: number;
  /** Kept of the body, as it is after decompression; what is more is not read. */
  readonly maxBytes: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface EgressResponse {
  readonly status: number;
  /** Names in lower case; what was given more than once is joined by commas. Without the encoding of a body that was decoded. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly isTruncated: boolean;
  /** Where the answer came from, after redirects. */
  readonly url: string;
  /** The URLs that answered with a redirect, first to last. */
  readonly redirects: readonly string[];
}

/** It may not be sent there: nothing was. */
export class EgressRefused extends Error {
  constructor(
    /**
     * `host_not_allowed`, `private_address`, `scheme`, `port`, `user_info`, `bad_url`, `bad_header`, `too_many_redirects`,
     * `body_across_origins`; of the proxy also `bad_framing`.
     */
    readonly rule: string,
    message: string,
    /** The URLs that did get the request, the last of which redirects to where it may not go; empty when nothing was sent at all. */
    readonly sentTo: readonly string[] = [],
  ) {
    super(message);
    this.name = 'EgressRefused';
  }
}

/** It was tried and brought no answer: no such host, no connection, too slow, cut off. */
export class EgressFailed extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EgressFailed';
  }
}
