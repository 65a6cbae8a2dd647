import type { ProviderRequest } from '../../src/llm/providers/provider.js';
import { bodyOf } from '../../src/llm/providers/anthropic/request.rules.js';

const HALF = 'half \uD83D.';
const MENDED = 'half \uFFFD.';

const asking = (text: string): ProviderRequest => ({
  model: 'a-model',
  maxTokens: 10,
  cache: {},
  system: text,
  sharedContext: text,
  prompt: text,
  tools: [{ name: 'notes', description: text, inputSchema: { type: 'object', properties: { a: { const: text } } } }],
  turns: [
    {
      assistant: { text, toolCalls: [{ id: 'a', name: 'notes', input: { [text]: [text] } }] },
      results: [{ toolCallId: 'a', content: text, isError: false }],
      note: text,
    },
    {
      assistant: { text, toolCalls: [], blocks: [{ type: 'thinking', thinking: text }] },
      results: [{ toolCallId: 'a', content: text, isError: true }],
    },
  ],
});

it('the body of a request has no half characters, whatever text has them', () => {
  expect(bodyOf(asking(HALF))).toEqual(bodyOf(asking(MENDED)));
  expect(JSON.stringify(bodyOf(asking(HALF)))).not.toContain('\\ud83d');
});

it('the body of a request has its schemas whole, however deep', () => {
  let deep: object = { type: 'string' };
  for (let level = 0; level < 300; level += 1) deep = { type: 'array', items: deep };
  const inputSchema = { type: 'object', properties: { deep, $ref: {} } };
  const { tools } = bodyOf({ ...asking('a'), tools: [{ name: 'notes', description: 'a', inputSchema }] });
  expect(JSON.stringify(tools)).toContain(JSON.stringify(deep));
});
