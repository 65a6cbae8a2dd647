import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { Egress } from '../../src/egress/egress.js';
import { EgressFailed } from '../../src/egress/egress.types.js';
import { until } from '../support/until.js';
import { EgressRoom, text } from './egress-room.js';
import { type Loopback, startLoopback, startSocketServer } from './loopback.js';

let room: EgressRoom;

beforeAll(async () => {
  room = await EgressRoom.start();
});
beforeEach(() => {
  room.forget();
});
afterAll(() => room.close());
afterEach(() => {
  expect(room.trap.connections()).toBe(0);
});

describe('a body', () => {
  const plain = Buffer.from('all of it '.repeat(50));

  it.each([
    ['gzip', gzipSync(plain)],
    ['X-GZIP', gzipSync(plain)],
    ['deflate', deflateSync(plain)],
    ['br', brotliCompressSync(plain)],
    ['deflate, gzip', gzipSync(deflateSync(plain))],
    ['identity', plain],
  ])('is decoded: %s', async (encoding, bytes) => {
    room.bodies.set('/coded', { encoding, bytes });
    const answer = await room.fetch(`${room.site.url}/coded`);
    expect(text(answer)).toBe(plain.toString());
    expect(answer.isTruncated).toBe(false);
    if (encoding !== 'identity') expect(answer.headers).not.toHaveProperty('content-encoding');
  });

  it('in a coding nobody knows stays as it came', async () => {
    room.bodies.set('/coded', { encoding: 'zstd', bytes: plain });
    const answer = await room.fetch(`${room.site.url}/coded`);
    expect(answer.headers['content-encoding']).toBe('zstd');
    expect(text(answer)).toBe(plain.toString());
  });

  it('that is a bomb is read up to the limit of what it decodes to', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    room.bodies.set('/bomb', { encoding: 'gzip', bytes: bomb });
    room.bodies.set('/bomb-in-bomb', { encoding: 'gzip, gzip', bytes: gzipSync(bomb) });
    room.bodies.set('/thrice', { encoding: 'gzip, gzip, gzip', bytes: gzipSync(gzipSync(bomb)) });
    for (const path of ['/bomb', '/bomb-in-bomb']) {
      expect(await room.fetch(`${room.site.url}${path}`)).toMatchObject({ isTruncated: true, body: { length: 1000 } });
    }
    await expect(room.fetch(`${room.site.url}/thrice`)).rejects.toThrow(EgressFailed);
  });

  it('that is broken or cut is a failure, not a short answer', async () => {
    room.bodies.set('/broken', { encoding: 'gzip', bytes: Buffer.from('no gzip at all') });
    room.bodies.set('/cut', { encoding: 'gzip', bytes: gzipSync(plain).subarray(0, -10) });
    for (const path of ['/broken', '/cut'])
      await expect(room.fetch(`${room.site.url}${path}`)).rejects.toThrow('Its body is broken.');
    for (const head of ['Content-Length: 100', 'Transfer-Encoding: chunked']) {
      const cutter = await startSocketServer((socket) => {
        socket.once('data', () => socket.end(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n5\r\nhello`));
      });
      await expect(room.fetch(cutter.url, { allowedHosts: [cutter.place] })).rejects.toThrow(EgressFailed);
      await cutter.close();
    }
  });

  it('of exactly the limit is whole, and of one more is not', async () => {
    expect(await room.fetch(`${room.site.url}/1234`, { maxBytes: 13 })).toMatchObject({ isTruncated: false });
    const short = await room.fetch(`${room.site.url}/1234`, { maxBytes: 12 });
    expect([text(short), short.isTruncated]).toEqual(['body of /123', true]);
    expect(await room.fetch(`${room.site.url}/1234`, { maxBytes: 0 })).toMatchObject({ isTruncated: true });
  });

  it('without end is read up to the limit, and the connection closed', async () => {
    let isClosed = false;
    const endless = await startSocketServer((socket) => {
      const chunk = Buffer.alloc(16_384, 'x');
      const fill = (): void => {
        while (!socket.destroyed && socket.write(chunk));
      };
      socket.on('drain', fill).once('close', () => (isClosed = true));
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        fill();
      });
    });
    const answer = await room.fetch(endless.url, { allowedHosts: [endless.place], maxBytes: 100_000 });
    expect(answer).toMatchObject({ isTruncated: true, body: { length: 100_000 } });
    await until('the server sees the end', () => isClosed);
    await endless.close();
  });

  it('that comes in very small pieces is put together', async () => {
    const pieces = await startSocketServer((socket) => {
      socket.once('data', () => {
        socket.end(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${'1\r\nx\r\n'.repeat(30_000)}0\r\n\r\n`);
      });
    });
    const answer = await room.fetch(pieces.url, { allowedHosts: [pieces.place], maxBytes: 50_000 });
    expect(text(answer)).toBe('x'.repeat(30_000));
    await pieces.close();
  });
});

describe('a server', () => {
  const speaking = (bytes: string): Promise<Loopback> =>
    startSocketServer((socket) => void socket.once('data', () => socket.write(bytes)));

  it.each([
    ['that says nothing', ''],
    ['that stops in its headers', 'HTTP/1.1 200 OK\r\nX: '],
    ['that stops in its body', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello'],
    ['that always says more is to come', 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(100)],
  ])('%s is left when the time is over', async (_what, bytes) => {
    const server = await speaking(bytes);
    const work = room.fetch(server.url, { allowedHosts: [server.place], timeoutMs: 150 });
    await expect(work).rejects.toThrow('No answer within 150 ms.');
    await server.close();
  });

  it('that redirects slowly is left when the time of the whole is over', async () => {
    const slow = await startLoopback((_request, response) => {
      setTimeout(() => response.writeHead(302, { location: '/' }).end(), 60);
    });
    const work = room.fetch(slow.url, { allowedHosts: [slow.place], timeoutMs: 200, maxRedirects: 1000 });
    await expect(work).rejects.toThrow('No answer within 200 ms.');
    await slow.close();
  });

  it('is left when the caller goes away, before and in the middle', async () => {
    const silent = await speaking('');
    const gone = new AbortController();
    const work = room.fetch(silent.url, { allowedHosts: [silent.place], signal: gone.signal });
    const ended = expect(work).rejects.toThrow('It was given up.');
    await until('it was asked', () => silent.connections() === 1);
    gone.abort();
    await ended;
    await expect(room.fetch(silent.url, { allowedHosts: [silent.place], signal: gone.signal })).rejects.toThrow(
      EgressFailed,
    );
    expect(silent.connections()).toBe(1);
    await silent.close();
  });

  it('whose name is resolved too slowly is left', async () => {
    const never = new Egress([], () => new Promise(() => undefined));
    await expect(room.fetch('http://slow.test/', { allowedHosts: ['*'], timeoutMs: 50 }, never)).rejects.toThrow(
      'No answer within',
    );
  });

  it.each([
    ['with huge headers', `HTTP/1.1 200 OK\r\nX: ${'y'.repeat(40_000)}\r\n\r\n`, 'too large'],
    ['with endless headers', `HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(20_000)}`, 'too large'],
    ['that does not speak HTTP', 'SSH-2.0-OpenSSH_9.2\r\n\r\n', 'does not speak HTTP'],
    ['that claims two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!', 'no answer'],
  ])('%s is a failure', async (_what, bytes, sentence) => {
    const server = await speaking(bytes);
    await expect(room.fetch(server.url, { allowedHosts: [server.place] })).rejects.toThrow(sentence);
    await server.close();
  });

  it('that breaks off or is not there is a failure', async () => {
    const cutter = await startSocketServer((socket) => socket.destroy());
    await expect(room.fetch(cutter.url, { allowedHosts: [cutter.place] })).rejects.toThrow('The connection was cut.');
    await cutter.close();
    await expect(room.fetch(cutter.url, { allowedHosts: [cutter.place] })).rejects.toThrow(
      'does not accept connections',
    );
  });
});
