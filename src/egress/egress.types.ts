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
  /** Each is checked as the first address was. 0: none is followed. */
  readonly maxRedirects: number;
  /** Kept of the body; what is more is not read. */
  readonly maxBytes: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

export interface EgressResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly isTruncated: boolean;
  /** Where the answer came from, after redirects. */
  readonly url: string;
  readonly redirects: readonly string[];
}

/** It may not be sent there: nothing was. */
export class EgressRefused extends Error {
  constructor(
    /** `host_not_allowed`, `private_address`, `scheme`, `port`, `user_info`, `bad_url`, `too_many_redirects`. */
    readonly rule: string,
    message: string,
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
