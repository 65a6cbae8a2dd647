import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GatewayRoom } from './gateway-room.js';

const messageWith = (usage: object): object => ({
  id: 'm',
  type: 'message',
  role: 'assistant',
  model: 'm',
  content: [],
  stop_reason: null,
  usage,
});

const streamOf = (events: readonly { readonly type: string }[]): string =>
  events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');

describe('an answer whose figures are no figures', () => {
  const room = GatewayRoom.forThisFile();
  let server: Server;
  let usage: object;
  let delta: object;

  beforeAll(async () => {
    server = createServer((_request, response) => {
      const events = [
        { type: 'message_start', message: messageWith(usage) },
        { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
        { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Paris.' } },
        { type: 'content_block_stop', index: 0 },
        { type: 'message_delta', delta: { stop_reason: 'end_turn', ...delta }, usage: { output_tokens: 2 } },
        { type: 'message_stop' },
      ];
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(streamOf(events));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => server.close());

  const figures = { input_tokens: 10, output_tokens: 1 };

  it.each([
    ['a text', { ...figures, cache_read_input_tokens: 'many' }, {}],
    ['less than nothing', { ...figures, cache_creation_input_tokens: -5 }, {}],
    ['less than nothing in its parts', { ...figures, cache_creation: { ephemeral_1h_input_tokens: -1000 } }, {}],
    ['a fraction', { ...figures, cache_read_input_tokens: 0.5 }, {}],
    ['more than any window holds', { ...figures, input_tokens: Number.MAX_SAFE_INTEGER }, {}],
    ['a stop reason that is a number', figures, { stop_reason: 7 }],
    ['an explanation that is none', figures, { stop_reason: 'refusal', stop_details: { explanation: {} } }],
  ])('(%s) is in doubt, and its reservation does not stay open', async (_name, given, last) => {
    [usage, delta] = [given, last];
    const { port } = server.address() as AddressInfo;
    const gateway = room.fixture.gateway({ url: `http://127.0.0.1:${port}` });
    await expect(gateway.call(room.fixture.callFor(undefined))).rejects.toMatchObject({ code: 'LLM_UPSTREAM' });
    expect(await room.ledgerStates()).toEqual(['in_doubt']);
    expect(await room.states()).toEqual(['in_doubt']);
  });
});

describe('an answer that is broken off from here', () => {
  const room = GatewayRoom.forThisFile();
  let server: Server;
  let begun: object[];

  beforeAll(async () => {
    server = createServer((_request, response) => {
      const usage = { input_tokens: 10, output_tokens: 1 };
      const text = begun.length;
      const events = [
        { type: 'message_start', message: messageWith(usage) },
        ...begun.flatMap((block, index) => [
          { type: 'content_block_start', index, content_block: block },
          { type: 'content_block_stop', index },
        ]),
        { type: 'content_block_start', index: text, content_block: { type: 'text', text: '' } },
        { type: 'content_block_delta', index: text, delta: { type: 'text_delta', text: 'P' } },
      ];
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(streamOf(events));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const booked = async (...blocks: object[]): Promise<number | null> => {
    begun = blocks;
    const { port } = server.address() as AddressInfo;
    const controller = new AbortController();
    const listener = { onText: () => controller.abort() };
    const gateway = room.fixture.gateway({ url: `http://127.0.0.1:${port}` });
    const call = room.fixture.callFor(undefined, { signal: controller.signal, listener, maxTokens: 1000 });
    await expect(gateway.call(call)).rejects.toThrow('aborted');
    const [row] = await room.fixture.database.query<{ output: number | null }>(
      'SELECT token_count_output AS output FROM llm_interactions',
    );
    return row?.output ?? null;
  };

  it('is booked with all that it may have thought: little or nothing of that is shown', async () => {
    expect(await booked({ type: 'redacted_thinking', data: 'c2VjcmV0' })).toBe(1000);
  });

  it('is booked with the name of a tool, though nothing of its arguments came', async () => {
    const name = 'a_tool_with_a_name';
    const output = await booked({ type: 'tool_use', id: 't', name, input: {} });
    expect(output).toBeGreaterThan(name.length);
    expect(output).toBeLessThan(1000);
  });
});
