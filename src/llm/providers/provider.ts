import type { TokenUsage } from '../pricing.rules.js';
import type { PromptLayout, ToolCall } from '../prompt-layout.js';
import type { FailedAttempt } from '../retry.rules.js';

export type CacheTtl = '5m' | '1h';

export interface ProviderRequest extends PromptLayout {
  readonly model: string;
  readonly maxTokens: number;
  readonly output?: { readonly name: string; readonly schema: object };
  /** How long the provider shall keep everything up to the end of that part. */
  readonly cache: { readonly system?: CacheTtl; readonly sharedContext?: CacheTtl; readonly conversation?: CacheTtl };
}

/** Hears an attempt while it is under way. */
export interface AttemptListener {
  /** The answer has begun: what the request starts with is in the provider's cache, and is paid. */
  onStart?(): void;
  /** The next piece of the answer's text. */
  onText?(text: string): void;
}

export interface ProviderAnswer {
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  /** All of it in the provider's own form, when there is more than text and calls: it must come back unchanged with the next turn. */
  readonly blocks?: readonly object[];
  /** The provider's word for why the answer ended, as Anthropic names them. */
  readonly stopReason: string;
  /** What a model that refused said about why. */
  readonly refusal?: string;
  readonly usage: TokenUsage;
  /** The provider's own id of the request. */
  readonly requestId?: string;
}

/**
 * What a failed attempt may have been charged: `nothing` only when that is certain; `bounded` when it was ended from here and what
 * had arrived says what it can have cost at most; else `unknown`.
 */
export type Charge = 'nothing' | 'bounded' | 'unknown';

/** An attempt that brought no answer. `message` is one sentence that may be shown. */
export class ProviderFailure extends Error implements FailedAttempt {
  readonly status?: number;
  readonly errorType?: string;
  readonly errorCode?: string;
  readonly requestId?: string;
  /** The most that it can have cost by what arrived before the end; unset where nothing is known. */
  readonly usageBound?: TokenUsage;
  /** The caller went away: this says nothing about the provider. */
  readonly endedByCaller: boolean;
  readonly headers: ReadonlyMap<string, string>;

  constructor(
    message: string,
    readonly charge: Charge,
    facts: Partial<FailedAttempt> & {
      errorType?: string;
      requestId?: string;
      usageBound?: TokenUsage;
      endedByCaller?: boolean;
      cause?: unknown;
    } = {},
  ) {
    super(message, { cause: facts.cause });
    this.name = 'ProviderFailure';
    this.status = facts.status;
    this.errorType = facts.errorType;
    this.errorCode = facts.errorCode;
    this.requestId = facts.requestId;
    this.usageBound = facts.usageBound;
    this.endedByCaller = facts.endedByCaller ?? false;
    this.headers = facts.headers ?? new Map();
  }
}

/** A model as the provider lists it; what it does not say is undefined. */
export interface ProviderModel {
  readonly id: string;
  readonly displayName: string | undefined;
  /** The family the model belongs to, such as opus. */
  readonly line: string | undefined;
  readonly lifecycle: 'active' | 'deprecated' | 'retired';
  readonly deprecatedAt: Date | undefined;
  readonly retiresAt: Date | undefined;
  readonly maxInputTokens: number | undefined;
  readonly maxOutputTokens: number | undefined;
}

/** Where answers come from. One attempt a call: retries, budgets and rows are the gateway's. */
export abstract class LlmProvider {
  abstract readonly name: string;
  /** Costs nothing, whatever the model's price. */
  abstract readonly isFree: boolean;
  /** What every caller should know about answers from here. */
  abstract readonly notice: string | undefined;

  /** A number of input tokens that the request cannot exceed, without asking anyone. */
  abstract inputTokensBound(request: ProviderRequest): number;

  /** A narrower bound, from the provider; undefined when it has none to give. */
  abstract countInputTokens(request: ProviderRequest, signal: AbortSignal): Promise<number | undefined>;

  /** @throws ProviderFailure */
  abstract generate(request: ProviderRequest, signal: AbortSignal, listener?: AttemptListener): Promise<ProviderAnswer>;

  /** All models, also the retired ones. For providers that have a list. @throws ProviderFailure */
  listModels?(signal: AbortSignal): Promise<readonly ProviderModel[]>;
}
