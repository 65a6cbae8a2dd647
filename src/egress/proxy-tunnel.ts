import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { tunnelDestinationOf } from './destination.rules.js';
import type { ProxyTraffic } from './proxy-traffic.js';

const MAX_PLACE_LENGTH = 300;

/** Answers `CONNECT host:port`. */
export async function openTunnel(
  traffic: ProxyTraffic,
  request: IncomingMessage,
  client: Duplex,
  head: Buffer,
): Promise<void> {
  const authority = request.url ?? '';
  try {
    const server = await traffic.connect(tunnelDestinationOf(authority, traffic.allowedHosts));
    if (client.destroyed) {
      server.destroy();
      return;
    }
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    if (head.length > 0) server.write(head);
    endTogether(client, server);
    endTogether(server, client);
    client.pipe(server).pipe(client);
  } catch (error) {
    const { status, text } = traffic.answerTo(error, placeIn(authority));
    sayAndEnd(client, status, text);
  }
}

/** An end that was said is passed on by the pipe, after what was said before it; one that was not takes the other with it. */
const endTogether = (one: Duplex, other: Duplex): void =>
  void one.once('close', () => {
    if (!one.readableEnded) other.destroy();
  });

/** A log may not have what stands before an @. */
const placeIn = (authority: string): string => authority.replace(/^.*@/, '').slice(0, MAX_PLACE_LENGTH);

export const refuseUpgrade = (client: Duplex): void =>
  sayAndEnd(client, 403, 'upgrade: Connections are not upgraded here; CONNECT makes a tunnel.\n');

function sayAndEnd(client: Duplex, status: number, text: string): void {
  client.on('error', () => client.destroy());
  client.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nContent-Type: text/plain; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
    () => client.destroy(),
  );
}
