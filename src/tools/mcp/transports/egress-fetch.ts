import type { Readable } from 'node:stream';
import type { FetchLike } from '@modelcontextprotocol/sdk/shared/transport.js';
import { EgressRefused, type AllowedHosts, type EgressRequest } from '../../../egress/egress.types.js';
import type { EgressStreams } from '../../../egress/egress-streams.js';

type Method = EgressRequest['method'];
const METHODS: readonly Method[] = ['GET', 'POST', 'DELETE'];
const BODILESS = new Set([101, 204, 205, 304]);

/** `fetch` as the SDK wants it, on the one way out: its answers are streams, and no redirect is followed. */
export const egressFetch =
  (egress: EgressStreams, allowedHosts: AllowedHosts): FetchLike =>
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
    return new Response(webStreamOf(answer.body), { status: answer.status, headers: answer.headers });
  };

/** `Readable.toWeb` of Node 20 throws at nobody when a stream that was cancelled goes on for a moment. */
function webStreamOf(body: Readable): ReadableStream<Uint8Array> {
  let isOver = false;
  const once = (act: () => void) => (): void => {
    if (isOver) return;
    isOver = true;
    act();
  };
  return new ReadableStream<Uint8Array>({
    start: (controller) => {
      body.on('data', (chunk: Buffer) => {
        if (isOver) return;
        controller.enqueue(chunk);
        if ((controller.desiredSize ?? 0) <= 0) body.pause();
      });
      body.once(
        'end',
        once(() => controller.close()),
      );
      body.once('error', (error) => once(() => controller.error(error))());
      body.once(
        'close',
        once(() => controller.error(new Error('The answer was cut off.'))),
      );
    },
    pull: () => void body.resume(),
    cancel: () => {
      isOver = true;
      body.destroy();
    },
  });
}
