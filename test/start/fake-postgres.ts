import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

export interface FakePostgres {
  readonly url: string;
  close(): void;
}

/**
 * A server that speaks just enough of PostgreSQL's protocol to be asked what it is: `answer` gives the one row of a query, undefined gives none.
 */
export async function startFakePostgres(
  answer: (sql: string, connection: number) => Readonly<Record<string, string>> | undefined,
): Promise<FakePostgres> {
  let connections = 0;
  const server: Server = createServer((socket) => {
    const connection = ++connections;
    serve(socket, (sql) => answer(sql, connection));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return { url: `postgresql://nyx:none@127.0.0.1:${port}/nyx`, close: () => server.close() };
}

function serve(socket: Socket, answer: (sql: string) => Readonly<Record<string, string>> | undefined): void {
  let pending = Buffer.alloc(0);
  let isStarted = false;
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    for (;;) {
      const header = isStarted ? 1 : 0;
      if (pending.length < header + 4) return;
      const length = header + pending.readInt32BE(header);
      if (pending.length < length) return;
      const message = pending.subarray(0, length);
      pending = pending.subarray(length);
      if (!isStarted) {
        isStarted = true;
        socket.write(Buffer.concat([packet('R', int32(0)), ready()]));
      } else if (message[0] === 'Q'.charCodeAt(0)) {
        socket.write(Buffer.concat([...result(answer(message.subarray(5, -1).toString())), ready()]));
      } else {
        socket.end();
      }
    }
  });
}

function result(row: Readonly<Record<string, string>> | undefined): Buffer[] {
  if (!row) return [packet('C', text('BEGIN'))];
  const names = Object.keys(row);
  const column = (name: string): Buffer =>
    Buffer.concat([
      text(name),
      int32(0),
      int16(0),
      int32(/^[tf]$/.test(row[name] ?? '') ? 16 : 25),
      int16(-1),
      int32(-1),
      int16(0),
    ]);
  const value = (content: string): Buffer => Buffer.concat([int32(Buffer.byteLength(content)), Buffer.from(content)]);
  return [
    packet('T', Buffer.concat([int16(names.length), ...names.map(column)])),
    packet('D', Buffer.concat([int16(names.length), ...Object.values(row).map(value)])),
    packet('C', text('SELECT 1')),
  ];
}

const ready = (): Buffer => packet('Z', Buffer.from('I'));
const packet = (type: string, body: Buffer): Buffer => Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
const text = (content: string): Buffer => Buffer.from(`${content}\0`);

function int32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32BE(value);
  return buffer;
}

function int16(value: number): Buffer {
  const buffer = Buffer.alloc(2);
  buffer.writeInt16BE(value);
  return buffer;
}
