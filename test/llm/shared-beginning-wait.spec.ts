import { GatewayRoom } from './gateway-room.js';
import { until } from '../support/until.js';

describe('a call that begins like one that is not answered yet', () => {
  const room = GatewayRoom.forThisFile();

  it('waits for it no longer than it would wait for a place, then goes its own way', async () => {
    const often = { uses: 8, gapSeconds: 60 };
    const call = (prompt: string) =>
      room.gateway.call(
        room.fixture.callFor(undefined, {
          system: 'You are a member of the council. '.repeat(400),
          prompt,
          reuse: { system: often },
          queueTimeoutMs: 200,
        }),
      );
    room.server.script({ match: { prompt: 'first' }, hold: 'first' });
    const first = call('Speak first.');
    await room.server.waitFor(1);
    const second = call('Speak second.');
    await until('the second is sent', () => room.messages() === 2, 2000);
    expect((await second).stopReason).toBe('end_turn');
    room.server.release('first');
    await first;
    expect((await call('Speak third.')).cached).toBe(true);
  });
});
