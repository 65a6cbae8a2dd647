import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { NyxClient } from '../../clients/typescript/src/index.js';
import { newId } from '../../src/database/ids.js';

const { jest } = import.meta;

it('following ends where it is told to while it connects, without the pause before the next time', async () => {
  const silent = createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const client = new NyxClient({ url: `http://127.0.0.1:${(silent.address() as AddressInfo).port}`, token: 'none' });
  const stop = new AbortController();
  const connected = once(silent, 'connection');
  const next = client.follow(newId(), { signal: stop.signal }).next();
  const [socket] = (await connected) as [Socket];
  // A pause would not end any more.
  const timers = jest.spyOn(globalThis, 'setTimeout').mockReturnValue(undefined as never);
  try {
    stop.abort(new Error('enough'));
    await expect(next).rejects.toThrow('enough');
  } finally {
    timers.mockRestore();
    socket.destroy();
    silent.close();
  }
});
