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

type StreamEvent = Readonly<Record<string, unknown>> & { readonly type: string };

const streamOf = (events: readonly StreamEvent[]): string =>
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
  const usage = { input_tokens: 10, output_tokens: 1 };
  const tool = { type: 'tool_use', id: 't', name: 'a_tool_with_a_name', input: {} };
  const text = { type: 'text', text: '' };
  let server: Server;
  let arriving: readonly StreamEvent[];

  beforeAll(async () => {
    server = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(streamOf([{ type: 'message_start', message: messageWith(usage) }, ...arriving]));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const begun = (index: number, block: object, ...deltas: object[]): StreamEvent[] => [
    { type: 'content_block_start', index, content_block: block },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
  ];
  const whole = (index: number, block: object, ...deltas: object[]): StreamEvent[] => [
    ...begun(index, block, ...deltas),
    { type: 'content_block_stop', index },
  ];
  const input = { type: 'input_json_delta', partial_json: '{"path":"a"}' };
  const saying = (said: string): object => ({ type: 'text_delta', text: said });

  /** Aborted when all of that has been heard: it comes in one piece. */
  const booked = async (...events: StreamEvent[]): Promise<number | null> => {
    arriving = events;
    const { port } = server.address() as AddressInfo;
    const controller = new AbortController();
    const listener = { onStart: () => void setImmediate(() => controller.abort()) };
    const gateway = room.fixture.gateway({ url: `http://127.0.0.1:${port}` });
    const call = room.fixture.callFor(undefined, { signal: controller.signal, listener, maxTokens: 1000 });
    await expect(gateway.call(call)).rejects.toThrow('aborted');
    expect(await room.ledgerStates()).toEqual(['settled']);
    const [row] = await room.fixture.interactions();
    expect(row?.error_message).toContain('booked at the most that it can have cost');
    return row?.token_count_output ?? null;
  };

  it('is booked with the text that came, which comes as it is said', async () => {
    expect(await booked(...begun(0, text, saying('Par'), saying('is')))).toBe(5);
  });

  it('is booked with all that it may have thought: little or nothing of that is shown', async () => {
    const thought = { type: 'redacted_thinking', data: 'c2VjcmV0' };
    expect(await booked(...whole(0, thought), ...begun(1, text, saying('P')))).toBe(1000);
  });

  it('is booked with all that it may have asked of a tool: nothing of that comes before it is whole', async () => {
    expect(await booked(...whole(0, text, saying('I look.')), ...begun(1, tool))).toBe(1000);
  });

  it('is booked with what it asked of a tool when that is whole', async () => {
    const bytes = JSON.stringify(tool).length + input.partial_json.length;
    expect(await booked(...whole(0, tool, input), ...begun(1, text, saying('P')))).toBe(bytes + 1);
  });

  it.each([
    ['before its first part', []],
    ['between two parts', whole(0, tool, input)],
  ])('is booked with all there may be %s, which nobody need have been told of yet', async (_when, events) => {
    expect(await booked(...events)).toBe(1000);
  });

  it('is booked with what the provider counted, once it has', async () => {
    const counted = { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 70 } };
    expect(await booked(...whole(0, tool, input), counted)).toBe(70);
  });
});
