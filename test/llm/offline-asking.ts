import { Ajv } from 'ajv';
import type { ToolDefinition } from '../../src/llm/prompt-layout.js';
import { OfflineProvider } from '../../src/llm/providers/offline/offline.provider.js';
import type { AttemptListener, ProviderAnswer, ProviderRequest } from '../../src/llm/providers/provider.js';

export const provider = new OfflineProvider();

export interface More {
  readonly schema?: object;
  readonly system?: string;
  readonly sharedContext?: string;
  readonly maxTokens?: number;
  readonly tools?: readonly ToolDefinition[];
  readonly listener?: AttemptListener;
  readonly signal?: AbortSignal;
}

export const requestFor = (prompt: string, more: More = {}): ProviderRequest => ({
  model: 'claude-haiku-5-5',
  maxTokens: more.maxTokens ?? 4096,
  prompt,
  system: more.system,
  sharedContext: more.sharedContext,
  tools: more.tools,
  output: more.schema && { name: 'output', schema: more.schema },
  cache: {},
});

export const ask = (prompt: string, more: More = {}): Promise<ProviderAnswer> =>
  provider.generate(requestFor(prompt, more), more.signal ?? new AbortController().signal, more.listener);

/** A structured output; it must be one that the schema allows. */
export async function fill<T = unknown>(prompt: string, schema: object, more: More = {}): Promise<T> {
  const { text, stopReason } = await ask(prompt, { ...more, schema });
  expect(stopReason).toBe('end_turn');
  const value = JSON.parse(text) as T;
  const ajv = new Ajv({ strict: false, validateFormats: false, ownProperties: true });
  expect({ value, errors: ajv.validate(schema, value) ? [] : ajv.errors }).toEqual({ value, errors: [] });
  return value;
}
