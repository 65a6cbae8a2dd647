import type { Answer } from './model-server-answers.js';
import { promptKey, type Json, type MessagesRequest } from './model-server-request.js';
import { signatureOf } from './model-server-tools.js';
import { tokensOf, type Usage } from './model-server-usage.js';
import type { Behaviour } from './model-server-script.js';

/** The model stops at `max_tokens`, like the real one: text is cut, tools are not called. */
export const truncate = (answer: Answer, maxTokens: number): Answer =>
  outputTokensOf(answer) <= maxTokens
    ? answer
    : {
        text: Buffer.from(answer.text)
          .subarray(0, maxTokens * 4)
          .toString(),
        toolUses: [],
        stopReason: 'max_tokens',
      };

export const outputTokensOf = (answer: Answer): number =>
  answer.toolUses.reduce((sum, use) => sum + tokensOf(JSON.stringify(use)), Math.max(1, tokensOf(answer.text)));

export const scriptedAnswer = (behaviour: Behaviour, standard: Answer): Answer => {
  if (behaviour.stopReason === 'refusal') return { text: '', toolUses: [], stopReason: 'refusal' };
  const { answer, toolUses } = behaviour;
  const scripted = answer !== undefined || toolUses !== undefined;
  const text = typeof answer === 'object' ? JSON.stringify(answer) : (answer ?? (toolUses ? '' : standard.text));
  const uses = toolUses ?? (scripted ? [] : standard.toolUses);
  const stopReason = behaviour.stopReason ?? (uses.length > 0 ? 'tool_use' : 'end_turn');
  return { text, toolUses: uses, stopReason, thinking: behaviour.thinking };
};

const stopDetails = (answer: Answer): Json | null =>
  answer.stopReason === 'refusal' ? { type: 'refusal', category: 'general_harms', explanation: 'Declined.' } : null;

const usageBody = (usage: Usage): Json => ({
  input_tokens: usage.inputTokens,
  output_tokens: usage.outputTokens,
  cache_creation_input_tokens: usage.write5mTokens + usage.write1hTokens,
  cache_read_input_tokens: usage.readTokens,
  cache_creation: {
    ephemeral_5m_input_tokens: usage.write5mTokens,
    ephemeral_1h_input_tokens: usage.write1hTokens,
  },
  output_tokens_details: null,
  server_tool_use: null,
  service_tier: 'standard',
  inference_geo: null,
  speed: 'standard',
});

const contentOf = (request: MessagesRequest, answer: Answer, index: number): Json[] => [
  ...(answer.thinking === undefined
    ? []
    : [{ type: 'thinking', thinking: answer.thinking, signature: signatureOf(answer.thinking) }]),
  ...(answer.text === '' ? [] : [{ type: 'text', text: answer.text, citations: null }]),
  ...answer.toolUses.map((use, position) => ({
    type: 'tool_use',
    id: `toolu_${promptKey(request).slice(0, 12)}_${index}_${position}`,
    name: use.name,
    input: use.input,
    caller: { type: 'direct' },
  })),
];

export const messageBody = (request: MessagesRequest, answer: Answer, usage: Usage, index: number): Json => ({
  id: `msg_${promptKey(request).slice(0, 16)}_${index}`,
  type: 'message',
  role: 'assistant',
  model: request.model,
  content: contentOf(request, answer, index),
  container: null,
  diagnostics: null,
  stop_reason: answer.stopReason,
  stop_sequence: null,
  stop_details: stopDetails(answer),
  usage: usageBody(usage),
});

interface ServerEvent {
  type: string;
  [key: string]: unknown;
}

const chunks = (text: string): string[] => text.match(/[\s\S]{1,24}/gu) ?? [];

const thinkingEvents = (block: Json, index: number): ServerEvent[] => [
  { type: 'content_block_start', index, content_block: { type: 'thinking', thinking: '', signature: '' } },
  ...chunks(String(block.thinking)).map((thinking) => ({
    type: 'content_block_delta',
    index,
    delta: { type: 'thinking_delta', thinking },
  })),
  { type: 'content_block_delta', index, delta: { type: 'signature_delta', signature: block.signature } },
  { type: 'content_block_stop', index },
];

const blockEvents = (block: Json, index: number): ServerEvent[] => {
  if (block.type === 'thinking') return thinkingEvents(block, index);
  const isText = block.type === 'text';
  const deltas = isText
    ? chunks(String(block.text)).map((text) => ({ type: 'text_delta', text }))
    : chunks(JSON.stringify(block.input)).map((part) => ({ type: 'input_json_delta', partial_json: part }));
  return [
    { type: 'content_block_start', index, content_block: isText ? { ...block, text: '' } : { ...block, input: {} } },
    ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    { type: 'content_block_stop', index },
  ];
};

/** The events of a streamed answer. Usage in `message_delta` is cumulative. */
export const streamEvents = (message: Json): ServerEvent[] => {
  const usage = message.usage as Json;
  const opening = { ...message, content: [], stop_reason: null, usage: { ...usage, output_tokens: 1 } };
  const delta = {
    stop_reason: message.stop_reason,
    stop_sequence: null,
    stop_details: message.stop_details,
    container: null,
  };
  return [
    { type: 'message_start', message: opening },
    { type: 'ping' },
    ...(message.content as Json[]).flatMap(blockEvents),
    { type: 'message_delta', delta, usage },
    { type: 'message_stop' },
  ];
};

export const eventText = (event: ServerEvent): string => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;

const ERROR_TYPES: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  500: 'api_error',
  504: 'timeout_error',
  529: 'overloaded_error',
};

export const statusOfErrorType = (type: string): number =>
  Number(Object.entries(ERROR_TYPES).find(([, name]) => name === type)?.[0] ?? 500);

export const errorBody = (status: number, requestId: string, behaviour: Behaviour): ServerEvent => {
  const error: Json = {
    type: behaviour.errorType ?? ERROR_TYPES[status] ?? 'api_error',
    message: behaviour.errorMessage ?? `The model server was told to answer ${status}.`,
  };
  if (behaviour.errorCode !== undefined) error.details = { error_code: behaviour.errorCode };
  return { type: 'error', error, request_id: requestId };
};

export const errorHeaders = (behaviour: Behaviour): Record<string, string> => ({
  ...(behaviour.retryAfterSeconds === undefined ? {} : { 'retry-after': String(behaviour.retryAfterSeconds) }),
  ...(behaviour.retryAfterMs === undefined ? {} : { 'retry-after-ms': String(behaviour.retryAfterMs) }),
  ...(behaviour.shouldRetry === undefined ? {} : { 'x-should-retry': String(behaviour.shouldRetry) }),
});
