import { jsonSchemaOutputFormat } from '@anthropic-ai/sdk/helpers/json-schema';
import type { MessageCreateParamsNonStreaming, TextBlockParam, Tool } from '@anthropic-ai/sdk/resources/messages';
import type { CacheTtl, ProviderRequest } from '../provider.js';

/** The body of a request, in the order in which the API caches it: tools, system, the user's turn. */
export function bodyOf(request: ProviderRequest): MessageCreateParamsNonStreaming {
  const { system, sharedContext, prompt, tools = [], cache, output } = request;
  return {
    model: request.model,
    max_tokens: request.maxTokens,
    ...(tools.length > 0 && {
      tools: tools.map(({ name, description, inputSchema }): Tool => ({
        name,
        description,
        input_schema: inputSchema as Tool['input_schema'],
      })),
    }),
    ...(system !== undefined && { system: cache.system === undefined ? system : [block(system, cache.system)] }),
    messages: [
      {
        role: 'user',
        content: sharedContext === undefined ? prompt : [block(sharedContext, cache.sharedContext), block(prompt)],
      },
    ],
    ...(output !== undefined && { output_config: { format: formatOf(output.schema) } }),
  };
}

const block = (text: string, ttl?: CacheTtl): TextBlockParam => ({
  type: 'text',
  text,
  ...(ttl !== undefined && { cache_control: { type: 'ephemeral', ttl } }),
});

/** The SDK rewrites what the API does not take (lengths, ranges, patterns) into descriptions. */
function formatOf(schema: object) {
  const { type, schema: accepted } = jsonSchemaOutputFormat(schema as { type: 'object' });
  return { type, schema: accepted };
}
