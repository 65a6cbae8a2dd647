import { ask, connect, connected, disconnectAll, type LiveEvent } from '../live/live-client.js';
import { until } from '../support/until.js';
import { IsolationRoom, SECRET, type Who } from './isolation-room.js';

let room: IsolationRoom;
let ids: ReadonlyMap<string, string>;
beforeAll(async () => {
  room = await IsolationRoom.start();
  ids = await room.everythingOf('a');
}, 180_000);
afterEach(disconnectAll);
afterAll(() => room.close());

const idOf = (what: string): string => ids.get(what) ?? '';
const eventsOf = (what: string): string => `/api/v1/orchestrator/workflows/${idOf(what)}/events`;

const typesIn = (text: string): string[] => [...text.matchAll(/^event: (.*)$/gm)].map(([, type]) => type ?? '');

it.each(['a', 'admin'] as const)('the stream of a workflow that has ended has its events for %s', async (who) => {
  const { status, text } = await room.call(who, 'GET', eventsOf('workflows'));
  expect(status).toBe(200);
  expect(typesIn(text)[0]).toBe('workflow.started');
  expect(typesIn(text).at(-1)).toBe('workflow.completed');
});

it.each(['b', 'viewer'] as const)(
  '%s gets neither the past of another’s workflow nor what happens in it',
  async (who) => {
    for (const what of ['workflows', 'active']) {
      for (const last of ['0', '1', '99999']) {
        const answer = await room.call(who, 'GET', eventsOf(what), undefined, { 'last-event-id': last });
        expect([what, answer.status, answer.text.includes(SECRET)]).toEqual([what, 404, false]);
        expect(typesIn(answer.text)).toEqual([]);
      }
    }
  },
);

it('what happens goes to whose it is, by stream and by socket, and to nobody else', async () => {
  const socketOf = async (who: Who): Promise<{ subscribed: unknown; events: LiveEvent[] }> => {
    const socket = connect(room.nyx.url, '/ws/workflows', { token: room.tokenOf(who) });
    const events: LiveEvent[] = [];
    socket.on('event', (event: LiveEvent) => events.push(event));
    await connected(socket);
    return { subscribed: await ask(socket, 'subscribe', { workflow_id: idOf('active') }), events };
  };
  const [ofA, ofB] = [await socketOf('a'), await socketOf('b')];
  expect(ofA.subscribed).toMatchObject({ ok: true });
  expect(ofB.subscribed).toMatchObject({ ok: false, error_code: 'NOT_FOUND' });

  const path = `/api/v1/orchestrator/workflows/${idOf('active')}/cancel`;
  expect((await room.call('b', 'POST', path, {})).status).toBe(404);
  expect((await room.call('a', 'POST', path, {})).status).toBe(202);
  const { text } = await room.call('a', 'GET', eventsOf('active'));
  expect(typesIn(text).at(-1)).toBe('workflow.cancelled');
  await until('the socket has it', () => ofA.events.some(({ type }) => type === 'workflow.cancelled'));
  expect(ofB.events).toEqual([]);
});
