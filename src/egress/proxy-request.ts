import { type IncomingMessage, request as send, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { type Destination, destinationOf, placeOf } from './destination.rules.js';
import { EgressFailed, EgressRefused } from './egress.types.js';
import { endToEndHeaders } from './headers.rules.js';
import type { ProxyTraffic } from './proxy-traffic.js';

const MAX_HEADER_BYTES = 32_768;

/** Passes `GET http://host/path` on: read by Node's parser, written anew by its client, so that both ends see the same request. */
export async function forwardRequest(
  traffic: ProxyTraffic,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let place = 'a place that is no URL';
  try {
    const destination = destinationOf(request.url ?? '', traffic.allowedHosts);
    place = placeOf(destination);
    if (destination.url.protocol !== 'http:') {
      throw new EgressRefused('scheme', 'A proxy is asked for https by CONNECT.');
    }
    const headers = forwarded(request, destination);
    const socket = await traffic.connect(destination);
    response.once('close', () => socket.destroy());
    const answer = await exchange(request, destination, headers, socket);
    response.writeHead(answer.statusCode ?? 502, endToEndHeaders(answer.rawHeaders));
    await pipeline(answer, response);
  } catch (error) {
    if (response.headersSent) response.destroy();
    else answerInstead(traffic, place, error, request, response);
  }
}

function answerInstead(
  traffic: ProxyTraffic,
  place: string,
  error: unknown,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { status, text } = traffic.answerTo(error, hostOnly(request, place));
  // What is left of its body is not read: it may be endless.
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
  response.end(text, () => request.destroy());
}

/** Of a refused URL, what a log may have of it. */
function hostOnly(request: IncomingMessage, place: string): string {
  const url = request.url ?? '';
  return URL.canParse(url) ? new URL(url).host || place : place;
}

/** @throws EgressRefused `bad_framing`: two lengths, which two readers may take for two requests */
function forwarded(request: IncomingMessage, { url }: Destination): Record<string, string[]> {
  const { 'content-length': lengths = [], 'transfer-encoding': encodings = [] } = request.headersDistinct;
  const isChunked = encodings.length > 0;
  const isPlain = encodings.join().toLowerCase() === 'chunked' || !isChunked;
  if (!isPlain || lengths.length > 1 || (isChunked && lengths.length > 0)) {
    throw new EgressRefused('bad_framing', 'A body has one length or is chunked, and nothing else.');
  }
  const { 'content-length': _length, ...headers } = endToEndHeaders(request.rawHeaders);
  return {
    ...headers,
    ...(isChunked && { 'transfer-encoding': ['chunked'] }),
    ...(lengths.length > 0 && { 'content-length': lengths }),
    host: [url.host],
  };
}

function exchange(
  request: IncomingMessage,
  { url }: Destination,
  headers: Record<string, string[]>,
  socket: Socket,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = send({
      method: request.method,
      path: `${url.pathname}${url.search}`,
      headers,
      setHost: false,
      maxHeaderSize: MAX_HEADER_BYTES,
      createConnection: () => socket,
    });
    outgoing.once('response', resolve);
    outgoing.on('error', (cause) => reject(new EgressFailed(`${url.host} brought no answer.`, { cause })));
    request.once('error', () => outgoing.destroy());
    request.pipe(outgoing);
  });
}
