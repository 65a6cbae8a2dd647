import Anthropic, { APIConnectionError, APIError } from '@anthropic-ai/sdk';
import { jsonSchemaOutputFormat } from '@anthropic-ai/sdk/helpers/json-schema';
import type { Message, MessageCreateParamsNonStreaming } from '@anthropic-ai/sdk/resources/messages';
import { LlmProvider, ProviderFailure, type ProviderAnswer, type ProviderRequest } from './provider.js';
import { chargeOfStatus, isUnsent } from './outcome.rules.js';
import type { TokenUsage } from '../pricing.rules.js';

export interface AnthropicSettings {
  readonly apiKey: string;
  readonly baseUrl: string | undefined;
}

type Answered = Message & { _request_id?: string | null };

const DEFAULT_BASE_URL = 'https://api.anthropic.com';
/** The SDK's own timer stops at the headers; the gateway's signal, which is always shorter, covers the whole call. */
const SDK_TIMEOUT_MS = 24 * 3600 * 1000;
/** Tokens a provider may put around a request of ours: the turn's frame, and the instructions that come with an output schema. */
const FRAME_TOKENS = 64;
const SCHEMA_TOKENS = 1024;
/** `count_tokens` is an estimate: share and number of tokens by which the bill may differ. */
const COUNT_MARGIN = 1.05;

/** The Anthropic Messages API, or any server that speaks it, through the official SDK. */
export class AnthropicProvider extends LlmProvider {
  readonly name = 'anthropic';
  readonly isFree = false;
  readonly notice = undefined;
  private readonly client: Anthropic;

  constructor(settings: AnthropicSettings) {
    super();
    this.client = new Anthropic({
      apiKey: settings.apiKey,
      authToken: null,
      baseURL: settings.baseUrl ?? DEFAULT_BASE_URL,
      maxRetries: 0,
      timeout: SDK_TIMEOUT_MS,
      logLevel: 'off',
    });
  }

  /** A token has at least one byte, so the bytes of the whole body are a bound on what it says. */
  inputTokensBound(request: ProviderRequest): number {
    const overhead = FRAME_TOKENS + (request.output === undefined ? 0 : SCHEMA_TOKENS);
    return Buffer.byteLength(JSON.stringify(bodyOf(request)), 'utf8') + overhead;
  }

  async countInputTokens(request: ProviderRequest, signal: AbortSignal): Promise<number | undefined> {
    const { model, system, messages, output_config } = bodyOf(request);
    try {
      const body = { model, system, messages, output_config };
      const { input_tokens: counted } = await this.client.messages.countTokens(body, { signal });
      return isCount(counted) ? Math.ceil(counted * COUNT_MARGIN) + FRAME_TOKENS : undefined;
    } catch {
      return undefined;
    }
  }

  async generate(request: ProviderRequest, signal: AbortSignal): Promise<ProviderAnswer> {
    let message: Answered;
    try {
      message = await this.client.messages.create(bodyOf(request), { signal });
    } catch (error) {
      throw failureOf(error);
    }
    return answerOf(message);
  }
}

function bodyOf(request: ProviderRequest): MessageCreateParamsNonStreaming {
  return {
    model: request.model,
    max_tokens: request.maxTokens,
    ...(request.system !== undefined && { system: systemOf(request.system, request.cacheSystem) }),
    messages: [{ role: 'user', content: request.prompt }],
    ...(request.output !== undefined && { output_config: { format: formatOf(request.output.schema) } }),
  };
}

const systemOf = (text: string, cached: boolean): MessageCreateParamsNonStreaming['system'] =>
  cached ? [{ type: 'text', text, cache_control: { type: 'ephemeral', ttl: '5m' } }] : text;

/** The SDK rewrites what the API does not take (lengths, ranges, patterns) into descriptions. */
function formatOf(schema: object) {
  const { type, schema: accepted } = jsonSchemaOutputFormat(schema as { type: 'object' });
  return { type, schema: accepted };
}

function answerOf(message: Answered): ProviderAnswer {
  const usage = usageOf(message);
  if (usage === undefined) throw unreadable();
  return {
    text: message.content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join(''),
    stopReason: message.stop_reason ?? 'none',
    refusal: message.stop_details?.explanation ?? undefined,
    usage,
    requestId: message._request_id ?? undefined,
  };
}

/** Undefined when the answer is no message of the API, whatever its types promise: servers that only resemble it exist. */
function usageOf(message: Partial<Message> | string | undefined): TokenUsage | undefined {
  if (typeof message !== 'object' || !Array.isArray(message.content)) return undefined;
  const usage = message.usage as Partial<Message['usage']> | undefined;
  const { input_tokens: inputTokens, output_tokens: outputTokens } = usage ?? {};
  if (!isCount(inputTokens) || !isCount(outputTokens)) return undefined;
  const created = usage?.cache_creation_input_tokens ?? 0;
  const cacheCreation1hTokens = usage?.cache_creation?.ephemeral_1h_input_tokens ?? 0;
  return {
    inputTokens,
    outputTokens,
    cacheCreation1hTokens,
    cacheCreation5mTokens: Math.max(
      created - cacheCreation1hTokens,
      usage?.cache_creation?.ephemeral_5m_input_tokens ?? 0,
    ),
    cacheReadTokens: usage?.cache_read_input_tokens ?? 0,
  };
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

const unreadable = (cause?: unknown): ProviderFailure =>
  new ProviderFailure('The model provider sent an answer that cannot be read.', 'unknown', { status: 200, cause });

function failureOf(error: unknown): ProviderFailure {
  if (isSyntaxError(error)) return unreadable(error);
  if (isAnswered(error)) return answeredFailure(error);
  if (error instanceof APIConnectionError && isUnsent(error)) {
    return new ProviderFailure('The model provider could not be reached.', 'nothing', { cause: error });
  }
  return new ProviderFailure('The connection to the model provider broke off.', 'unknown', { cause: error });
}

/** By name: the body's parser is Node's own, and need not share this module's globals. */
const isSyntaxError = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'name' in error && error.name === 'SyntaxError';

const isAnswered = (error: unknown): error is APIError<number, Headers> =>
  error instanceof APIError && typeof error.status === 'number';

function answeredFailure(error: APIError<number, Headers>): ProviderFailure {
  const { status } = error;
  const said = error.apiMessage === null ? '' : `: ${error.apiMessage}`;
  return new ProviderFailure(
    `The model provider answered ${status}${said}`,
    chargeOfStatus(status, error.type !== null),
    {
      status,
      errorType: error.type ?? undefined,
      errorCode: error.errorCode ?? undefined,
      headers: new Map(error.headers.entries()),
      requestId: error.requestID ?? undefined,
      cause: error,
    },
  );
}
