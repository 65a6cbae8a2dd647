import type { Message } from '@anthropic-ai/sdk/resources/messages';
import { answerOf } from '../../src/llm/providers/anthropic/answer.rules.js';
import type { ProviderRequest } from '../../src/llm/providers/provider.js';

const message = (usage: object): Message =>
  ({
    content: [],
    stop_reason: 'end_turn',
    usage: { input_tokens: 1, output_tokens: 1, ...usage },
  }) as unknown as Message;

describe('tokens written to the cache', () => {
  it.each<[string, ProviderRequest['cache'], object, [number, number]]>([
    [
      'as the answer splits them',
      { system: '1h' },
      { ephemeral_5m_input_tokens: 3, ephemeral_1h_input_tokens: 7 },
      [3, 7],
    ],
    ['as they were asked for without a split', { system: '5m' }, {}, [10, 0]],
    ['as they were asked for when all were for an hour', { system: '1h' }, {}, [0, 10]],
    ['at the dearer when both were asked for', { system: '1h', sharedContext: '5m' }, {}, [0, 10]],
    ['with what a split leaves out', { system: '1h' }, { ephemeral_5m_input_tokens: 3 }, [3, 7]],
  ])('are priced %s', (_how, cache, split, [fiveMinutes, hour]) => {
    const given = message({
      cache_creation_input_tokens: 10,
      cache_creation: Object.keys(split).length > 0 ? split : null,
    });
    expect(answerOf(given, undefined, cache).usage).toMatchObject({
      cacheCreation5mTokens: fiveMinutes,
      cacheCreation1hTokens: hour,
    });
  });
});
