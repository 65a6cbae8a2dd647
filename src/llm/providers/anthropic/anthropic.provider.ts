import Anthropic from '@anthropic-ai/sdk';
import type { Message } from '@anthropic-ai/sdk/resources/messages';
import {
  LlmProvider,
  type AttemptListener,
  type ProviderAnswer,
  ProviderFailure,
  type ProviderModel,
  type ProviderRequest,
} from '../provider.js';
import { answerOf, isCount, isReadable, usageBoundOf } from './answer.rules.js';
import { failureOf } from './failure.rules.js';
import { HeardAnswer } from './heard-answer.js';
import { modelsOf } from './models.rules.js';
import { bodyOf } from './request.rules.js';
import { ownNameOf } from './tools.rules.js';

export interface AnthropicSettings {
  readonly apiKey: string;
  readonly baseUrl: string | undefined;
}

/** What is left of a stream that ended too early. */
interface BrokenStream {
  readonly currentMessage: Message | undefined;
  readonly request_id: string | null | undefined;
}

const DEFAULT_BASE_URL = 'https://api.anthropic.com';
/** The SDK's own timer stops at the headers; the gateway's signal, which is always shorter, covers the whole call. */
const SDK_TIMEOUT_MS = 24 * 3600 * 1000;
/** Tokens a provider may put around a request of ours: the turn's frame, and the instructions that come with a schema or tools. */
const FRAME_TOKENS = 64;
const SCHEMA_TOKENS = 1024;
/** `count_tokens` is an estimate: share and number of tokens by which the bill may differ. */
const COUNT_MARGIN = 1.05;

/**
 * The Anthropic Messages API, or any server that speaks it, through the official SDK. Every answer is streamed: a hung server shows
 * before the first token, and a long answer meets no idle limit on its way.
 */
export class AnthropicProvider extends LlmProvider {
  readonly name = 'anthropic';
  readonly isFree = false;
  readonly notice = undefined;
  private readonly client: Anthropic;

  constructor(private readonly settings: AnthropicSettings) {
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
    const hasInstructions = request.output !== undefined || (request.tools?.length ?? 0) > 0;
    const overhead = FRAME_TOKENS + (hasInstructions ? SCHEMA_TOKENS : 0);
    return Buffer.byteLength(JSON.stringify(bodyOf(request)), 'utf8') + overhead;
  }

  async countInputTokens(request: ProviderRequest, signal: AbortSignal): Promise<number | undefined> {
    const { model, system, messages, tools, tool_choice, output_config } = bodyOf(request);
    try {
      const body = { model, system, messages, tools, tool_choice, output_config };
      const { input_tokens: counted } = await this.client.messages.countTokens(body, { signal });
      return isCount(counted) ? Math.ceil(counted * COUNT_MARGIN) + FRAME_TOKENS : undefined;
    } catch {
      return undefined;
    }
  }

  async generate(
    request: ProviderRequest,
    signal: AbortSignal,
    listener: AttemptListener = {},
  ): Promise<ProviderAnswer> {
    const stream = this.client.messages.stream(bodyOf(request), { signal });
    const heard = new HeardAnswer();
    stream.on('streamEvent', (event) => {
      heard.hear(event);
      if (event.type === 'message_start') listener.onStart?.();
      if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') {
        listener.onText?.(event.delta.text);
      }
    });
    const message = await stream.finalMessage().catch((error: unknown) => {
      throw this.failureOf(error, stream, heard, request);
    });
    return answerOf(message, stream.request_id ?? undefined, request.cache, ownNameOf(request.tools ?? []));
  }

  override async listModels(signal: AbortSignal): Promise<readonly ProviderModel[]> {
    try {
      return await modelsOf(this.client.models.list({ lifecycle: ['active', 'deprecated', 'retired'] }, { signal }));
    } catch (error) {
      if (error instanceof ProviderFailure) throw error;
      const nothing = { hasBegun: false, requestId: undefined, usageBound: undefined };
      throw failureOf(error, { ...nothing, withoutSecrets: this.withoutSecrets });
    }
  }

  private readonly withoutSecrets = (text: string): string => text.replaceAll(this.settings.apiKey, '[key]');

  private failureOf(
    error: unknown,
    stream: BrokenStream,
    { hasBegun, mostOutputTokens }: HeardAnswer,
    { maxTokens, cache }: ProviderRequest,
  ): ProviderFailure {
    const begun = hasBegun && isReadable(stream.currentMessage) ? stream.currentMessage : undefined;
    return failureOf(error, {
      hasBegun,
      requestId: stream.request_id ?? undefined,
      usageBound: begun && usageBoundOf(begun, Math.min(mostOutputTokens, maxTokens), cache),
      withoutSecrets: this.withoutSecrets,
    });
  }
}
