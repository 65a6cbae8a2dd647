import type { LlmAnswer, LlmCall } from '../../src/llm/llm-call.js';
import type { ToolDefinition, Turn } from '../../src/llm/prompt-layout.js';
import { GatewayRoom, problemOf } from './gateway-room.js';

const room = GatewayRoom.forThisFile();

const TOOLS: ToolDefinition[] = ['notes.read', 'files'].map((name) => ({
  name,
  description: 'Reads.',
  inputSchema: {
    type: 'object',
    properties: { path: { type: 'string', minLength: 1 } },
    required: ['path'],
    additionalProperties: false,
  },
}));
const LONG = 'It is a long line of a file. '.repeat(200);
const NEXT = { uses: 2, gapSeconds: 60 };

const ask = (more: Partial<LlmCall>): Promise<LlmAnswer> =>
  room.gateway.call(room.fixture.callFor(undefined, { tools: TOOLS, system: 'Be short.', maxTokens: 1000, ...more }));

const turnOf = ({ text, toolCalls, blocks }: LlmAnswer, content = 'Found.'): Turn => ({
  assistant: { text, toolCalls, blocks },
  results: toolCalls.map(({ id }) => ({ toolCallId: id, content, isError: false })),
});

const messagesOf = (index: number): { role: string; content: unknown }[] =>
  (room.server.requests[index]?.body as { messages: { role: string; content: unknown }[] }).messages;

it('goes on with what the model said and what came of it, under the names that the API takes', async () => {
  room.server.script({
    match: { turn: 1 },
    answer: 'I look.',
    toolUses: [
      { name: 'notes_read', input: { path: 'a' } },
      { name: 'files', input: { path: 'b' } },
    ],
  });
  const first = await ask({});
  expect(first).toMatchObject({ stopReason: 'tool_use', text: 'I look.', fault: undefined });
  expect(first.toolCalls.map(({ name, input }) => [name, input])).toEqual([
    ['notes.read', { path: 'a' }],
    ['files', { path: 'b' }],
  ]);
  const [ok, bad] = turnOf(first).results;
  if (ok === undefined || bad === undefined) throw new Error('Two calls were made.');
  const turn = {
    ...turnOf(first),
    results: [ok, { ...bad, isError: true, content: 'There is no b.' }],
    note: 'Hurry.',
  };
  await ask({ turns: [turn] });
  const [ids, sent] = [first.toolCalls.map(({ id }) => id), room.server.requests[1]?.body as { tools: unknown[] }];
  expect(messagesOf(1)).toEqual([
    { role: 'user', content: 'Name the capital of France.' },
    {
      role: 'assistant',
      content: [
        { type: 'text', text: 'I look.' },
        { type: 'tool_use', id: ids[0], name: 'notes_read', input: { path: 'a' } },
        { type: 'tool_use', id: ids[1], name: 'files', input: { path: 'b' } },
      ],
    },
    {
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: ids[0], content: 'Found.' },
        { type: 'tool_result', tool_use_id: ids[1], content: 'There is no b.', is_error: true },
        { type: 'text', text: 'Hurry.' },
      ],
    },
  ]);
  expect(sent.tools).toMatchObject([
    { name: 'notes_read', strict: true },
    { name: 'files', strict: true },
  ]);
  expect(sent).not.toHaveProperty('tool_choice');
  const rows = await room.fixture.database.query<{ prompt_text: string }>(
    'SELECT prompt_text FROM llm_interactions ORDER BY request_timestamp',
  );
  expect(rows.map(({ prompt_text }) => prompt_text)).toEqual([
    'Name the capital of France.',
    'Found.\n\nThere is no b.\n\nHurry.',
  ]);
});

it('that has to end offers its tools and lets none be called', async () => {
  room.server.script({ match: { turn: 1 }, toolUses: [{ name: 'files', input: { path: 'b' } }] });
  const first = await ask({});
  await ask({ turns: [turnOf(first)], mustAnswer: true });
  expect(room.server.requests[1]?.body).toMatchObject({ tools: [{}, {}], tool_choice: { type: 'none' } });
});

it('brings back unchanged what the model thought', async () => {
  const thought = { toolUses: [{ name: 'notes_read', input: { path: 'a' } }], thinking: 'Hm.\nThe notes ä may tell.' };
  room.server.script({ match: { turn: 1 }, ...thought });
  const first = await ask({});
  const [row] = await room.fixture.database.query<{ blocks: object[] }>(
    'SELECT response_blocks AS blocks FROM llm_interactions',
  );
  expect(first.blocks).toHaveLength(2);
  expect(row?.blocks).toEqual(first.blocks);
  const second = await ask({ turns: [turnOf({ ...first, blocks: row?.blocks })] });
  expect(second.stopReason).toBe('end_turn');
  expect(messagesOf(1)[1]?.content).toMatchObject([{ type: 'thinking' }, { type: 'tool_use', name: 'notes_read' }]);
});

it('goes on without what the model thought when the API does not take it back', async () => {
  room.server.script({ match: { turn: 1 }, toolUses: [{ name: 'files', input: { path: 'b' } }], thinking: 'Hm.' });
  const first = await ask({});
  const blocks = first.blocks?.map((block) => ('thinking' in block ? { ...block, thinking: 'Oh.' } : block));
  const second = await ask({ turns: [turnOf({ ...first, blocks })], maxAttempts: 1 });
  expect(second).toMatchObject({ stopReason: 'end_turn', fault: undefined, retryCount: 1 });
  expect(await room.ledgerStates()).toEqual(['settled', 'voided', 'settled']);
  const [sent, without] = [messagesOf(1), messagesOf(2)];
  expect(sent[1]?.content).toMatchObject([{ type: 'thinking', thinking: 'Oh.' }, { type: 'tool_use' }]);
  expect(without[1]?.content).toMatchObject([{ type: 'tool_use', name: 'files', input: { path: 'b' } }]);
  expect([without[0], without[2]]).toEqual([sent[0], sent[2]]);
});

it.each([
  ['where nothing that it thought was sent back', undefined, '`thinking` blocks cannot be modified'],
  ['for anything else', 'Hm.', 'roles must alternate'],
])('is asked once when it is refused %s', async (_where, thinking, errorMessage) => {
  room.server.script(
    { match: { turn: 1 }, toolUses: [{ name: 'files', input: { path: 'b' } }], thinking },
    { match: { turn: 2 }, status: 400, errorMessage },
  );
  const first = await ask({});
  const { code, detail } = await problemOf(ask({ turns: [turnOf(first)] }));
  expect([code, room.messages()]).toEqual(['LLM_UPSTREAM', 2]);
  expect(detail).toContain(errorMessage);
});

it('keeps its beginning in the cache from turn to turn, with at most four breakpoints', async () => {
  room.server.script({
    toolUses: Array.from({ length: 12 }, (_, index) => ({ name: 'files', input: { path: `f${index}` } })),
  });
  const reuse = { system: { uses: 9, gapSeconds: 60 }, sharedContext: { uses: 9, gapSeconds: 60 }, conversation: NEXT };
  const turns: Turn[] = [];
  for (let turn = 1; turn <= 4; turn += 1) {
    const answer = await ask({ system: LONG, sharedContext: LONG, reuse, turns: [...turns] });
    turns.push(turnOf(answer, LONG.slice(0, 500)));
  }
  const usages = room.server.charges.map(({ usage }) => usage);
  for (const [index, usage] of usages.entries()) {
    const before = usages[index - 1];
    expect(usage.readTokens).toBe(before === undefined ? 0 : before.readTokens + before.write5mTokens);
    expect(usage.write5mTokens).toBeGreaterThan(0);
  }
  const marks = room.server.requests.map(({ body }) => JSON.stringify(body).split('"cache_control"').length - 1);
  expect(marks).toEqual([3, 4, 4, 4]);
});

it('is bounded by all of its bytes', async () => {
  room.server.script({ match: { turn: 1 }, toolUses: [{ name: 'files', input: { path: 'b' } }] });
  const first = await ask({});
  await ask({ turns: [turnOf(first, 'x'.repeat(100_000))] });
  const [small, large] = await room.fixture.ledger();
  const perToken = 0.125e-6;
  expect(Number(large?.reserved_usd) - Number(small?.reserved_usd)).toBeGreaterThan(100_000 * perToken);
});

it('is not gone on with when the model stops for a tool and names none', async () => {
  room.server.script({ answer: 'I use one.', stopReason: 'tool_use' });
  const { fault } = await ask({});
  expect(fault).toMatchObject({ code: 'LLM_UNEXPECTED_STOP' });
});
