import { Readable } from 'node:stream';
import type { FetchLike } from '@modelcontextprotocol/sdk/shared/transport.js';
import { EgressRefused, type AllowedHosts, type EgressRequest } from '../../../egress/egress.types.js';
import type { Egress } from '../../../egress/egress.js';

type Method = EgressRequest['method'];
const METHODS: readonly Method[] = ['GET', 'POST', 'DELETE'];
const BODILESS = new Set([101, 204, 205, 304]);

/** `fetch` as the SDK wants it, on the one way out: its answers are streams, and no redirect is followed. */
export const egressFetch =
  (egress: Egress, allowedHosts: AllowedHosts): FetchLike =>
  async (address, init = {}) => {
    const method = METHODS.find((each) => each === (init.method ?? 'GET'));
    const { body } = init;
    if (method === undefined || (body !== undefined && body !== null && typeof body !== 'string')) {
      throw new EgressRefused('bad_url', 'Nothing but messages is sent to an MCP server.');
    }
    const signal = init.signal ?? new AbortController().signal;
    const headers = Object.fromEntries(new Headers(init.headers).entries());
    const url = typeof address === 'string' ? address : address.href;
    const answer = await egress.open({ url, method, headers, body: body ?? undefined, allowedHosts, signal });
    if (BODILESS.has(answer.status)) {
      answer.body.destroy();
      return new Response(null, { status: answer.status, headers: answer.headers });
    }
    const stream = Readable.toWeb(answer.body) as ReadableStream<Uint8Array>;
    return new Response(stream, { status: answer.status, headers: answer.headers });
  };
