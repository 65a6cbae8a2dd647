import Anthropic from '@anthropic-ai/sdk';
import { startModelServer, type ModelServer } from '../support/model-server.js';

const HAIKU = 'claude-haiku-5-5';
const long = 'A paragraph that is long enough to be cached. '.repeat(120);

const planSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['subtasks', 'summary'],
  properties: {
    summary: { type: 'string' },
    subtasks: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['id', 'title', 'kind', 'dependencies'],
        properties: {
          id: { type: 'string' },
          title: { type: 'string' },
          kind: { type: 'string', enum: ['analysis', 'code'] },
          dependencies: { type: 'array', items: { type: 'string' } },
        },
      },
    },
  },
};

interface Plan {
  summary: string;
  subtasks: { id: string; title: string; kind: string; dependencies: string[] }[];
}

describe('the model server', () => {
  let server: ModelServer;
  let client: Anthropic;

  beforeAll(async () => {
    server = await startModelServer();
    client = new Anthropic({ baseURL: server.url, apiKey: 'sk-test', maxRetries: 0 });
  });
  afterEach(() => server.reset());
  afterAll(() => server.close());

  const ask = (prompt: string, more: Partial<Anthropic.MessageCreateParamsNonStreaming> = {}) =>
    client.messages.create({
      model: HAIKU,
      max_tokens: 1000,
      messages: [{ role: 'user', content: prompt }],
      ...more,
    });

  const textOf = (message: Anthropic.Message): string =>
    message.content.map((block) => (block.type === 'text' ? block.text : '')).join('');

  const failure = async (prompt: string): Promise<InstanceType<typeof Anthropic.APIError>> =>
    ask(prompt).then(
      () => {
        throw new Error('expected a failure');
      },
      (error: unknown) => error as InstanceType<typeof Anthropic.APIError>,
    );

  const plan = async (prompt: string, schema: Record<string, unknown> = planSchema): Promise<Plan> =>
    JSON.parse(textOf(await ask(prompt, { output_config: { format: { type: 'json_schema', schema } } }))) as Plan;

  it('answers the same request with the same text and usage, and charges each', async () => {
    const [one, two] = [await ask('What is a river?'), await ask('What is a river?')];
    expect(textOf(one)).toBe(textOf(two));
    expect(one.usage).toEqual(two.usage);
    expect(one.id).not.toBe(two.id);
    expect(one.usage.input_tokens).toBe(8);
    const cost = (8 * 0.1 + one.usage.output_tokens * 0.5) / 1e6;
    expect(server.totalChargedUsd().toNumber()).toBeCloseTo(2 * cost, 15);
    expect(server.byPrompt()).toMatchObject([{ prompt: 'What is a river?', sent: 2, finished: 2, unfinished: 0 }]);
  });

  it('keeps requests without the key', async () => {
    await ask('Hello');
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]).toMatchObject({ index: 0, path: '/v1/messages', outcome: 'finished', prompt: 'Hello' });
    expect(JSON.stringify(server.requests)).not.toContain('sk-test');
  });

  it('streams what it answers plainly, with cumulative usage', async () => {
    const plain = await ask('Tell me');
    const streamed = await client.messages
      .stream({ model: HAIKU, max_tokens: 1000, messages: [{ role: 'user', content: 'Tell me' }] })
      .finalMessage();
    expect(textOf(streamed)).toBe(textOf(plain));
    expect(streamed.usage).toMatchObject({ output_tokens: plain.usage.output_tokens, input_tokens: 6 });
    expect(streamed.stop_reason).toBe('end_turn');
  });

  it('makes a plan as the prompt marks it', async () => {
    const chained = await plan('Plan this [[subtasks:4]] [[chain]]');
    expect(chained.subtasks.map(({ dependencies }) => dependencies)).toEqual([[], ['s1'], ['s2'], ['s3']]);
    expect(chained.subtasks[0]).toEqual({ id: 's1', title: 'Part 1', kind: 'analysis', dependencies: [] });
    const parallel = await plan('Plan this [[parallel]]');
    expect(parallel.subtasks.map(({ dependencies }) => dependencies)).toEqual([[], [], []]);
  });

  it('refuses what the API refuses', async () => {
    await expect(ask('x', { temperature: 0.5 } as never)).rejects.toMatchObject({ status: 400 });
    await expect(ask('x', { model: 'claude-1' })).rejects.toMatchObject({ status: 404 });
    await expect(ask('')).rejects.toMatchObject({ status: 400 });
    const open = { type: 'object', properties: { a: { type: 'string' } } };
    await expect(plan('x', open)).rejects.toThrow(/additionalProperties/);
    const ranged = { ...open, additionalProperties: false, properties: { a: { type: 'integer', minimum: 1 } } };
    await expect(plan('x', ranged)).rejects.toThrow(/minimum/);
    expect(server.charges).toHaveLength(0);
  });

  it('counts what it wrote to and read from the prompt cache', async () => {
    const system: Anthropic.TextBlockParam[] = [{ type: 'text', text: long, cache_control: { type: 'ephemeral' } }];
    const first = await ask('One', { system });
    const second = await ask('Two', { system });
    const length = Math.ceil(long.length / 4);
    expect(first.usage).toMatchObject({ cache_creation_input_tokens: length, cache_read_input_tokens: 0 });
    expect(second.usage).toMatchObject({ cache_creation_input_tokens: 0, cache_read_input_tokens: length });
    expect(server.charges[1]?.costUsd.toFixed()).toBe(
      ((length * 0.01 + 5 * 0.1 + second.usage.output_tokens * 0.5) / 1e6).toFixed(10).replace(/0+$/, ''),
    );
    const hour = { type: 'ephemeral', ttl: '1h' } as const;
    const third = await ask('One', { system: [{ type: 'text', text: `${long}!`, cache_control: hour }] });
    expect(third.usage.cache_creation).toMatchObject({ ephemeral_1h_input_tokens: length + 1 });
    const short = await ask('One', { system: [{ type: 'text', text: 'short', cache_control: hour }] });
    expect(short.usage.cache_creation_input_tokens).toBe(0);
  });

  it('uses a tool when asked or forced, and not again after its result', async () => {
    const tools: Anthropic.Tool[] = [
      { name: 'look', input_schema: { type: 'object', properties: { where: { type: 'string' } } } },
    ];
    const asked = await ask('Go [[tool:look {"where":"there"}]]', { tools });
    expect(asked.stop_reason).toBe('tool_use');
    expect(asked.content.at(-1)).toMatchObject({ type: 'tool_use', name: 'look', input: { where: 'there' } });
    const use = asked.content.at(-1) as Anthropic.ToolUseBlock;
    const after = await client.messages.create({
      model: HAIKU,
      max_tokens: 100,
      tools,
      messages: [
        { role: 'user', content: 'Go [[tool:look {"where":"there"}]]' },
        { role: 'assistant', content: asked.content as Anthropic.ContentBlockParam[] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: use.id, content: 'seen' }] },
      ],
    });
    expect(after.stop_reason).toBe('end_turn');
    const forced = await ask('Go', { tools, tool_choice: { type: 'tool', name: 'look' } });
    expect(forced.content.at(-1)).toMatchObject({ input: { where: 'where value' } });
  });

  it('fails as it is told, without a charge', async () => {
    server.script({ status: 429, retryAfterMs: 20, retryAfterSeconds: 1, times: 1 });
    expect((await failure('a')).headers?.get('retry-after-ms')).toBe('20');
    server.script({ status: 529, times: 1 }, { status: 500, times: 1, match: { prompt: /^only/ } });
    expect((await failure('b')).status).toBe(529);
    expect((await failure('only this')).status).toBe(500);
    server.script({ status: 429, errorCode: 'enforced_spend_limit_reached', times: 1 });
    expect((await failure('c')).errorCode).toBe('enforced_spend_limit_reached');
    server.script({ cut: 'before', times: 1 });
    expect(await failure('d')).toBeInstanceOf(Anthropic.APIConnectionError);
    server.script({ cut: 'body', times: 1 });
    await expect(ask('e')).rejects.toThrow();
    expect(server.charges).toHaveLength(0);
    expect(server.requests.map(({ outcome }) => outcome)).toEqual([
      ...Array<string>(4).fill('refused'),
      ...['cut', 'cut'],
    ]);
    expect(textOf(await ask('f'))).toContain('Answer');
  });

  it('answers with refusals, cut text, malformed bodies and streams that break', async () => {
    server.script({ stopReason: 'refusal', times: 1 });
    expect(await ask('a')).toMatchObject({ stop_reason: 'refusal', content: [], stop_details: { type: 'refusal' } });
    expect(await ask('[[words:500]]', { max_tokens: 10 })).toMatchObject({
      stop_reason: 'max_tokens',
      usage: { output_tokens: 10 },
    });
    server.script({ malformed: true, times: 1 });
    await expect(ask('b')).rejects.toThrow();
    server.script({ errorEvent: 'overloaded_error', times: 1 });
    const stream = client.messages.stream({
      model: HAIKU,
      max_tokens: 100,
      messages: [{ role: 'user', content: 'c' }],
    });
    await expect(stream.finalMessage()).rejects.toMatchObject({ type: 'overloaded_error' });
    expect(server.requests.at(-1)?.outcome).toBe('refused');
    server.script({ answer: { a: 1 }, times: 1 });
    expect(textOf(await ask('d'))).toBe('{"a":1}');
  });

  it('holds calls until they are released, and does not charge those whose client left', async () => {
    server.script({ hold: 'gate' });
    const leaving = new AbortController();
    const left = client.messages.create(
      { model: HAIKU, max_tokens: 100, messages: [{ role: 'user', content: 'leaves' }] },
      { signal: leaving.signal },
    );
    const stays = ask('stays');
    await server.waitFor(2);
    leaving.abort();
    await expect(left).rejects.toThrow();
    await server.waitFor(() => server.requests.some(({ outcome }) => outcome === 'client_gone'));
    server.release('gate');
    await stays;
    await server.waitFor(() => server.charges.length > 0);
    expect(server.charges).toMatchObject([{ prompt: 'stays' }]);
    expect(server.byPrompt()).toMatchObject(
      expect.arrayContaining([expect.objectContaining({ prompt: 'leaves', unfinished: 1, finished: 0 })]) as object,
    );
  });

  it('is scripted and read over HTTP as well', async () => {
    const rule = { match: { prompt: { pattern: '^remote' } }, answer: 'from afar' };
    await fetch(`${server.url}/__control/script`, { method: 'POST', body: JSON.stringify(rule) });
    expect(textOf(await ask('remote'))).toBe('from afar');
    const summary = (await (await fetch(`${server.url}/__control/summary`)).json()) as Record<string, unknown>;
    expect(summary).toMatchObject({ requests: 1, charges: 1, total_charged_usd: server.totalChargedUsd().toFixed() });
    await fetch(`${server.url}/__control/reset`, { method: 'POST' });
    expect(server.requests).toHaveLength(0);
  });

  it('counts tokens and lists models', async () => {
    const messages: Anthropic.MessageParam[] = [{ role: 'user', content: 'What is a river?' }];
    expect(await client.messages.countTokens({ model: HAIKU, messages })).toEqual({ input_tokens: 8 });
    const ids = (await client.models.list()).data.map(({ id }) => id);
    expect(ids).toContain(HAIKU);
    expect((await client.models.retrieve(HAIKU)).max_tokens).toBe(64_000);
    expect(server.requests.map(({ path }) => path)).toEqual(['/v1/messages/count_tokens', `/v1/models/${HAIKU}`]);
    expect(server.listRequests).toHaveLength(1);
  });

  it('lists what it is told to, in pages, and refuses calls to a retired model', async () => {
    const old = { id: 'claude-opus-5', lifecycle: 'retired' };
    server.listModels({ models: [old, { id: 'claude-x', lifecycle: 'deprecated' }], pageSize: 2 });
    const idsOf = async (lifecycle?: ('active' | 'retired')[]): Promise<string[]> => {
      const ids: string[] = [];
      for await (const { id } of client.models.list({ lifecycle })) ids.push(id);
      return ids;
    };
    const [usual, retired] = [await idsOf(), await idsOf(['retired'])];
    expect(usual).toEqual(expect.arrayContaining([HAIKU, 'claude-x']));
    expect(usual).not.toContain(old.id);
    expect(retired).toEqual([old.id]);
    expect(server.listRequests.length).toBeGreaterThan(3);
    await expect(
      client.messages.create({ model: old.id, max_tokens: 1, messages: [{ role: 'user', content: 'Hi' }] }),
    ).rejects.toMatchObject({ status: 404 });
    server.listModels({ status: 500 });
    await expect(idsOf()).rejects.toMatchObject({ status: 500 });
  });
});
