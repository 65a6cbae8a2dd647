import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Of one hop, and about the protocol that is not taken. */
const OF_THE_UPGRADE = ['upgrade', 'http2-settings'];

/**
 * Answers requests whose upgrade nobody here takes as those without one (RFC 9110, 7.8), such as the `h2c` that Java's client and `curl --http2`
 * ask for at every first request. Node hands each request with an upgrade over as a bare connection once anybody listens for one: it is handed
 * back to the server, as it came but for the upgrade. Those whose path begins with `taken` are left to who listens.
 */
export function ignoreUpgrades(server: Server, taken: string | undefined): void {
  const answers = new WeakMap<Socket, ServerResponse>();
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => answers.set(socket, response));
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    if (taken !== undefined && request.url?.startsWith(taken)) return;
    // Nothing of Node is on the socket any more: an answer that is still being sent would stand still. No client of today sends on before it.
    const before = answers.get(socket);
    if (before !== undefined && !before.closed) {
      socket.on('error', () => undefined).destroy();
      return;
    }
    // Of an answer before, which the new beginning does not know of.
    socket.setTimeout(0);
    socket.unshift(Buffer.concat([Buffer.from(withoutUpgrade(request), 'latin1'), head]));
    server.emit('connection', socket);
  });
}

function withoutUpgrade({ method, url, httpVersion, rawHeaders }: IncomingMessage): string {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const [name = '', value = ''] = rawHeaders.slice(index, index + 2);
    if (OF_THE_UPGRADE.includes(name.toLowerCase())) continue;
    const kept = name.toLowerCase() === 'connection' ? withoutThose(value) : value;
    if (kept !== '' || value === '') lines.push(`${name}: ${kept}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n`;
}

const withoutThose = (options: string): string =>
  options
    .split(',')
    .map((option) => option.trim())
    .filter((option) => !OF_THE_UPGRADE.includes(option.toLowerCase()))
    .join(', ');
