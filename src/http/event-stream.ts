import { PassThrough } from 'node:stream';
import { StreamableFile } from '@nestjs/common';
import type { Response } from 'express';
import { problemDocument } from './problem-document.js';
import { toProblem } from './problem-mapping.js';
import { currentRequestId, requestIdFrom } from './request-context.js';

export const EVENT_STREAM_TYPE = 'text/event-stream';

/** Without them proxies would collect the events, or change them. */
export const EVENT_STREAM_HEADERS = { 'Cache-Control': 'no-cache, no-transform', 'X-Accel-Buffering': 'no' };

/**
 * Server-Sent Events as the answer of a handler. What a slow client has not read yet waits in memory and slows nobody down, so it is for
 * answers of bounded length.
 */
export class EventStream extends StreamableFile {
  private readonly path: string;

  private constructor(
    private readonly output: PassThrough,
    private readonly response: Response,
    /** What a caller may look the answer up by, since a stream is not given twice. */
    readonly reference: Readonly<Record<string, string>>,
  ) {
    super(output, { type: EVENT_STREAM_TYPE });
    this.path = response.req.path;
  }

  static open(response: Response, reference: Readonly<Record<string, string>>): EventStream {
    response.set(EVENT_STREAM_HEADERS);
    return new EventStream(new PassThrough(), response, reference);
  }

  send(event: string, data: unknown): void {
    if (!this.output.destroyed) this.output.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  end(): void {
    this.output.end();
  }

  /** The end of a stream that failed on its way: an `error` event with the problem document that it would have been answered with. */
  fail(error: unknown): void {
    const requestId = currentRequestId() ?? requestIdFrom(this.response.getHeader('X-Request-Id'));
    this.send('error', problemDocument(toProblem(error), this.path, requestId, new Date()));
    this.end();
  }
}

/** Aborts when the client goes away before its answer is whole; at once when it already has. */
export function departureOf(response: Response): AbortSignal {
  const gone = new AbortController();
  const close = (): void => {
    if (!response.writableFinished) gone.abort(new Error('The client went away.'));
  };
  if (response.closed) close();
  else response.once('close', close);
  return gone.signal;
}
