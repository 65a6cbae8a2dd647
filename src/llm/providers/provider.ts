import type { TokenUsage } from '../pricing.rules.js';
import type { FailedAttempt } from '../retry.rules.js';

export interface ProviderRequest {
  readonly model: string;
  readonly maxTokens: number;
  readonly system?: string;
  readonly prompt: string;
  readonly output?: { readonly name: string; readonly schema: object };
  readonly cacheSystem: boolean;
}

export interface ProviderAnswer {
  readonly text: string;
  /** The provider's word for why the answer ended, as Anthropic names them. */
  readonly stopReason: string;
  /** What a model that refused said about why. */
  readonly refusal?: string;
  readonly usage: TokenUsage;
  /** The provider's own id of the request. */
  readonly requestId?: string;
}

/** Whether a failed attempt may have been charged: `nothing` only when that is certain. */
export type Charge = 'nothing' | 'unknown';

/** An attempt that brought no answer. `message` is one sentence that may be shown. */
export class ProviderFailure extends Error implements FailedAttempt {
  readonly status?: number;
  readonly errorType?: string;
  readonly errorCode?: string;
  readonly requestId?: string;
  readonly headers: ReadonlyMap<string, string>;

  constructor(
    message: string,
    readonly charge: Charge,
    facts: Partial<FailedAttempt> & { errorType?: string; requestId?: string; cause?: unknown } = {},
  ) {
    super(message, { cause: facts.cause });
    this.name = 'ProviderFailure';
    this.status = facts.status;
    this.errorType = facts.errorType;
    this.errorCode = facts.errorCode;
    this.requestId = facts.requestId;
    this.headers = facts.headers ?? new Map();
  }
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
  abstract generate(request: ProviderRequest, signal: AbortSignal): Promise<ProviderAnswer>;
}
