import type { MessageStreamEvent } from '@anthropic-ai/sdk/resources/messages';
import { HeardAnswer } from '../../src/llm/providers/anthropic/heard-answer.js';

const START = { type: 'message_start' };
const TEXT = { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } };
const TOOL = {
  type: 'content_block_start',
  index: 1,
  content_block: { type: 'tool_use', id: 't', name: 'n', input: {} },
};
const STOP = { type: 'content_block_stop', index: 0 };
const said = (text: string) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } });
const counted = (usage: unknown) => ({ type: 'message_delta', delta: {}, usage });

/** At most so many tokens, when it breaks off after these events. */
const mostAfter = (...events: readonly object[]): number => {
  const heard = new HeardAnswer();
  for (const event of [START, ...events]) heard.hear(event as MessageStreamEvent);
  return heard.mostOutputTokens;
};

it.each([
  ['a text that was begun', 10, [TEXT, said('12345'), said('äö!')]],
  ['anything, after a text and before what comes next', Infinity, [TEXT, said('12345'), STOP]],
  ['anything, while a tool is called', Infinity, [TEXT, said('12345'), STOP, TOOL]],
  ['what the message counts at its end', 500, [TEXT, said('12345'), STOP, counted({ output_tokens: 500 })]],
  ['what was counted, and what was said since', 505, [counted({ output_tokens: 500 }), TEXT, said('12345')]],
  ['what was said since, where nothing was counted', 5, [counted(undefined), TEXT, said('12345')]],
  ['what was said since, where the count is none', 5, [counted({ output_tokens: 'many' }), TEXT, said('12345')]],
])('an answer that breaks off has %s', (_, most, events) => {
  expect(mostAfter(...events)).toBe(most);
});
